"""The dispatcher: hands train_tasks and pieces of eval_tasks to lanes, and what came of them back to who asked.

Plain asyncio, so that it is tested without Ray; ``on_ray/lanes.py`` makes an actor of it. It decides
nothing about trials. Work that a lost lane held is handed out again; since a train_task names its checkpoint
and training is deterministic, doing it twice does no harm. A train_task at which lane after lane ends without
a word, as when the kernel kills them for their memory, is answered as FAILED.
"""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from astraios_ray.errors import LaneLost
from astraios_ray.records import Completion, Cost, EvalTask, TrainReport, TrainTask, TrialState

SILENT = (
    "without a word, as they do when memory is short: try a smaller batch_size, micro_batch_size or "
    "sequence_length, or fewer lanes."
)
LANES_LOST = 3  # by one train_task, before it is believed that they end because of it


@dataclass(frozen=True)
class EvalShard:
    """Some problems of the eval_tasks of one sitting, to be answered by one lane."""

    eval_tasks: tuple[EvalTask, ...]
    problems: tuple[str, ...]


Work = TrainTask | EvalShard


@dataclass
class _Ticket:
    """One piece of work and the promise that waits for its result."""

    work: Work
    promise: asyncio.Future[Any]
    lane: str | None = None
    lanes_lost: int = 0  # that held it when they ended
    last_words: str = ""  # of the newest of them


@dataclass
class _Lane:
    """What is known of one lane."""

    starts: int = 0
    up: bool = True  # else its workers were lost and have not started again
    last_trials: list[str] = field(default_factory=list)  # paused beside its base, newest last


class Dispatcher:
    """A queue between those who want work done and the lanes that do it."""

    def __init__(self, expected: int = 0) -> None:
        """``expected`` lanes are on their way: before they all came or were given up, none is the last."""
        self._expected = expected
        self._given_up: set[str] = set()
        self._tickets: dict[int, _Ticket] = {}
        self._lanes: dict[str, _Lane] = {}
        self._next = 0
        self._arrived = asyncio.Condition()
        self._closing = False
        self._lost: str | None = None

    async def train(self, train_task: TrainTask) -> TrainReport:
        """Have a train_task trained. Raises LaneLost when the last lane is gone."""
        train_report: TrainReport = await self._order(train_task)
        return train_report

    async def write(self, piece: EvalShard) -> list[list[Completion] | Exception]:
        """Have completions written; by eval_task, what broke it down in their place. Raises LaneLost when the last
        lane is gone, else what the lane raised.
        """
        completions: list[list[Completion] | Exception] = await self._order(piece)
        return completions

    async def lane_up(self, lane: str) -> None:
        """A lane starts, or starts again: whatever it held before is to be done again, by any lane."""
        known = self._lanes.setdefault(lane, _Lane())
        known.starts, known.up = known.starts + 1, True
        known.last_trials.clear()
        self._given_up.discard(lane)
        self._lost = None
        await self._hand_back(lane)

    async def lane_lost(self, lane: str) -> None:
        """A lane's workers are gone; it starts again once there is room for it."""
        if lane in self._lanes:
            self._lanes[lane].up = False
            self._lanes[lane].last_trials.clear()
        await self._hand_back(lane)

    async def lane_down(self, lane: str, reason: str) -> None:
        """A lane is gone for good. Without any lane left, everybody who waits is told."""
        self._lanes.pop(lane, None)
        self._given_up.add(lane)
        await self._hand_back(lane)
        if self._lanes or self._closing or len(self._given_up) < self._expected:
            return
        self._lost = f"The last lane ended: {reason}"
        self._send_away(self._lost)

    async def lane_fails(self, lane: str, blame: str | None = None) -> None:
        """A lane is about to end: because of what it holds, in the words of ``blame``, or else not."""
        await self._hand_back(lane, suspect=blame is not None, words=blame or "")

    async def lane_holds(self, lane: str, numbers: Collection[int]) -> None:
        """A lane holds these tickets alone: what else it was given was lost on the way to it."""
        await self._hand_back(lane, suspect=False, kept=numbers)

    async def take(self, lane: str, working: int, slots: int, wait: float) -> list[tuple[int, Work]] | None:
        """Up to ``slots - working`` pieces of work, after at most ``wait`` seconds; None: go home.

        A lane that was lost or given up is sent home; a question of a lane that has started again since it
        asked is answered with nothing, for nobody would hear the answer.
        """
        async with self._arrived:
            starts = self._starts(lane)
            if not self._closing and starts and not self._fitting(lane, working, slots) and wait > 0:
                try:
                    await asyncio.wait_for(self._arrived.wait(), wait)
                except TimeoutError:
                    return []
            if self._closing or not self._starts(lane):
                return None
            if self._starts(lane) != starts:
                return []
            chosen = self._fitting(lane, working, slots)
            for number in chosen:
                self._tickets[number].lane = lane
            return [(number, self._tickets[number].work) for number in chosen]

    async def deliver(self, number: int, result: object) -> None:
        """The result of a ticket: a TrainReport, completions, or an exception. Late ones are dropped."""
        ticket = self._tickets.pop(number, None)
        if ticket is None or ticket.promise.done():
            return
        if (
            isinstance(result, TrainReport)
            and result.state is TrialState.PAUSED
            and ticket.lane in self._lanes
        ):
            self._paused(result.trial, ticket.lane)
        if isinstance(result, BaseException):
            ticket.promise.set_exception(result)
        else:
            ticket.promise.set_result(result)

    async def close(self) -> None:
        """Send every lane home at its next question, and whoever still waits for one away now."""
        async with self._arrived:
            self._closing = True
            self._send_away("The search has ended.")
            self._arrived.notify_all()

    async def lanes(self) -> Mapping[str, int]:
        """The living lanes and how often each has started."""
        return {name: lane.starts for name, lane in self._lanes.items() if lane.up}

    async def _order(self, work: Work) -> Any:
        if self._lost:
            raise LaneLost(self._lost)
        promise: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        async with self._arrived:
            number = self._next
            self._next += 1
            self._tickets[number] = _Ticket(work, promise)
            self._arrived.notify_all()
        try:
            return await promise
        finally:
            self._tickets.pop(number, None)  # also when nobody waits for it any more

    async def _hand_back(
        self, lane: str, *, suspect: bool = True, words: str = SILENT, kept: Collection[int] = ()
    ) -> None:
        async with self._arrived:
            for number, ticket in self._tickets.items():
                if ticket.lane == lane and number not in kept:
                    ticket.lane = None
                    ticket.lanes_lost += suspect
                    ticket.last_words = words
                    _give_up(ticket)
            self._arrived.notify_all()

    def _send_away(self, reason: str) -> None:
        for ticket in self._tickets.values():
            if not ticket.promise.done():
                ticket.promise.set_exception(LaneLost(reason))

    def _paused(self, trial: str, lane: str) -> None:
        """Remember that ``trial`` lies beside the base of ``lane``, and of no other."""
        for name, known in self._lanes.items():
            known.last_trials = [other for other in known.last_trials if other != trial]
            if name == lane:
                known.last_trials.append(trial)

    def _starts(self, lane: str) -> int:
        """How often a lane has started; 0 when it was lost, given up or never came."""
        known = self._lanes.get(lane)
        return known.starts if known and known.up else 0

    def _fitting(self, lane: str, working: int, slots: int) -> list[int]:
        """Waiting tickets: trials paused on this lane first, then in order. Full fine-tuning goes alone."""
        if working and any(ticket.lane == lane and _alone(ticket.work) for ticket in self._tickets.values()):
            return []
        here = set(self._lanes[lane].last_trials) if lane in self._lanes else set()
        waiting = [n for n, ticket in self._tickets.items() if not ticket.lane and not ticket.promise.done()]
        waiting.sort(key=lambda number: (_trial(self._tickets[number].work) not in here, number))
        chosen: list[int] = []
        for number in waiting:
            if working + len(chosen) >= slots:
                break
            if not _alone(self._tickets[number].work):
                chosen.append(number)
            elif working == 0 and not chosen:
                return [number]
        return chosen


def _give_up(ticket: _Ticket) -> None:
    """Answer a train_task that cost too many lanes; a piece of an eval_task waits for those that are left."""
    work = ticket.work
    if ticket.lanes_lost < LANES_LOST or ticket.promise.done() or not isinstance(work, TrainTask):
        return
    reason = f"{LANES_LOST} lanes ended while they trained it, the last one {ticket.last_words}"
    failed = TrainReport(work.spec.id, TrialState.FAILED, (), work.checkpoint, Cost(), reason)
    ticket.promise.set_result(failed)


def _trial(work: Work) -> str:
    return work.spec.id if isinstance(work, TrainTask) else ""


def _alone(work: Work) -> bool:
    """Whether the work wants a lane to itself: full fine-tuning has a private copy of the base."""
    return isinstance(work, TrainTask) and work.spec.method == "full"
