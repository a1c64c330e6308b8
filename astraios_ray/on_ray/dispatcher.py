"""The dispatcher: hands train tasks and eval shards to lanes, and their results back to the callers.

Plain asyncio, so that it is tested without Ray; ``on_ray/lanes.py`` makes an actor of it. It decides
nothing about trials. The work of a lost lane is handed out again: a train task names its checkpoint and
training is deterministic, so training twice does no harm. A train task with which several lanes end without
an error, as when the kernel kills them for their memory, is answered as FAILED.
"""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from astraios_ray.errors import LaneLost
from astraios_ray.records import Completion, Cost, EvalTask, TrainReport, TrainTask, TrialState

SILENT = (
    "without a word, as they do when memory is short: try a smaller batch_size, micro_batch_size or "
    "sequence_length, or fewer lanes."
)
LANES_LOST = 3  # lanes that end with one train task before it counts as the cause


@dataclass(frozen=True)
class EvalShard:
    """Some problems of one eval batch, for one lane to answer."""

    eval_tasks: tuple[EvalTask, ...]
    problems: tuple[str, ...]


Work = TrainTask | EvalShard


@dataclass
class _Ticket:
    """A task or shard and the promise that waits for its result."""

    work: Work
    promise: asyncio.Future[Any]
    lane: str | None = None
    lanes_lost: int = 0  # lanes that ended while they held it
    last_words: str = ""  # how the latest of them ended

    @property
    def broken(self) -> bool:
        """Whether it ended without a result."""
        done = self.promise.done()
        return done and (self.promise.cancelled() or self.promise.exception() is not None)


@dataclass
class _Lane:
    """The state of one lane."""

    starts: int = 0
    up: bool = True  # False while its workers are lost and have not started again
    last_trials: list[str] = field(default_factory=list)  # trials that paused on this lane, newest last
    stepped: float = field(default_factory=monotonic)  # when it made a step, or took work


class Dispatcher:
    """A queue of work for the lanes."""

    def __init__(self, expected: int = 0) -> None:
        """``expected`` lanes will start. No lane is the last before all of them came or were given up."""
        self._expected = expected
        self._given_up: set[str] = set()
        self._tickets: dict[int, _Ticket] = {}  # work without a result
        self._newest: dict[str, _Ticket] = {}  # by trial, the ticket of its newest train task
        self._lanes: dict[str, _Lane] = {}
        self._next = 0
        self._arrived = asyncio.Condition()
        self._closing = False
        self._lost: str | None = None

    async def submit(self, train_task: TrainTask) -> None:
        """Queue a train task. The same one again changes nothing while the first can have a report."""
        newest = self._newest.get(train_task.spec.id)
        if newest is None or newest.work != train_task or newest.broken:
            self._newest[train_task.spec.id] = await self._queue(train_task)

    async def report_of(self, trial: str) -> TrainReport:
        """Wait for the report of the newest train task of ``trial``, also of one that has its report.

        Raises LaneLost when the last lane is gone.
        """
        train_report: TrainReport = await asyncio.shield(self._newest[trial].promise)
        return train_report

    async def write(self, shard: EvalShard) -> list[list[Completion] | Exception]:
        """Have a lane write completions: by eval task, a list of them or the error that stopped it.

        Raises LaneLost when the last lane is gone, or the error of the lane.
        """
        ticket = await self._queue(shard)
        completions: list[list[Completion] | Exception] = await ticket.promise
        return completions

    async def lane_up(self, lane: str) -> None:
        """Register a lane that starts, or starts again: the work that it held goes back to the queue."""
        entry = self._lanes.setdefault(lane, _Lane())
        entry.starts, entry.up = entry.starts + 1, True
        entry.last_trials.clear()
        self._given_up.discard(lane)
        self._lost = None
        await self._hand_back(lane)

    async def lane_lost(self, lane: str) -> None:
        """Take note that a lane lost its workers. It may start again later."""
        if lane in self._lanes:
            self._lanes[lane].up = False
            self._lanes[lane].last_trials.clear()
        await self._hand_back(lane)

    async def lane_down(self, lane: str, reason: str) -> None:
        """Remove a lane that will not start again. With the last lane, all waiting calls raise LaneLost."""
        self._lanes.pop(lane, None)
        self._given_up.add(lane)
        await self._hand_back(lane)
        if self._lanes or self._closing or len(self._given_up) < self._expected:
            return
        self._lost = f"The last lane ended: {reason}"
        self._send_away(self._lost)

    async def lane_fails(self, lane: str, blame: str | None = None) -> None:
        """Take back the work of a lane that is about to end. ``blame``: how its work ended it, if it did."""
        await self._hand_back(lane, suspect=blame is not None, words=blame or "")

    async def lane_holds(self, lane: str, numbers: Collection[int]) -> None:
        """Take back the work that was lost on its way to the lane: all but the tickets ``numbers``."""
        await self._hand_back(lane, suspect=False, except_numbers=numbers)

    async def take(self, lane: str, working: int, slots: int, wait: float) -> list[tuple[int, Work]] | None:
        """Up to ``slots - working`` tickets with work, after at most ``wait`` seconds; None ends the lane.

        A lane that was lost or given up gets None. A lane that has started again since it asked gets
        nothing, since nobody would receive the answer.
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
            numbers = self._fitting(lane, working, slots)
            for number in numbers:
                self._tickets[number].lane = lane
            self._lanes[lane].stepped = monotonic()
            return [(number, self._tickets[number].work) for number in numbers]

    async def deliver(self, number: int, result: object) -> None:
        """Take the result of a ticket: a TrainReport, completions or an exception. A late one is dropped."""
        ticket = self._tickets.pop(number, None)
        if ticket is None or ticket.promise.done():
            return
        if (
            isinstance(result, TrainReport)
            and result.state is TrialState.PAUSED
            and ticket.lane in self._lanes
        ):
            self._remember_paused(result.trial, ticket.lane)
        if isinstance(result, BaseException):
            ticket.promise.set_exception(result)
        else:
            ticket.promise.set_result(result)

    async def close(self) -> None:
        """End every lane at its next ``take``, and let all waiting calls raise LaneLost now."""
        async with self._arrived:
            self._closing = True
            self._send_away("The search has ended.")
            self._arrived.notify_all()

    async def lanes(self) -> Mapping[str, int]:
        """The lanes that are up and how often each has started."""
        return {name: lane.starts for name, lane in self._lanes.items() if lane.up}

    async def lane_steps(self, lane: str) -> None:
        """Take note that a lane makes steps."""
        if lane in self._lanes:
            self._lanes[lane].stepped = monotonic()

    async def stopped_lanes(self, least: float) -> Mapping[str, float]:
        """The lanes that hold train tasks and have made no step for ``least`` seconds, and for how long."""
        training = {ticket.lane for ticket in self._tickets.values() if isinstance(ticket.work, TrainTask)}
        seconds = {name: monotonic() - lane.stepped for name, lane in self._lanes.items() if lane.up}
        return {name: passed for name, passed in seconds.items() if name in training and passed >= least}

    async def _queue(self, work: Work) -> _Ticket:
        ticket = _Ticket(work, asyncio.get_running_loop().create_future())
        if self._lost:
            ticket.promise.set_exception(LaneLost(self._lost))
            return ticket
        async with self._arrived:
            number = self._next
            self._next += 1
            self._tickets[number] = ticket
            ticket.promise.add_done_callback(lambda _: self._tickets.pop(number, None))
            self._arrived.notify_all()
        return ticket

    async def _hand_back(
        self, lane: str, *, suspect: bool = True, words: str = SILENT, except_numbers: Collection[int] = ()
    ) -> None:
        async with self._arrived:
            for number, ticket in self._tickets.items():
                if ticket.lane == lane and number not in except_numbers:
                    ticket.lane = None
                    ticket.lanes_lost += suspect
                    ticket.last_words = words
                    _give_up(ticket)
            self._arrived.notify_all()

    def _send_away(self, reason: str) -> None:
        for ticket in self._tickets.values():
            if not ticket.promise.done():
                ticket.promise.set_exception(LaneLost(reason))

    def _remember_paused(self, trial: str, lane: str) -> None:
        """Remember that ``trial`` paused on ``lane`` last."""
        for name, entry in self._lanes.items():
            entry.last_trials = [other for other in entry.last_trials if other != trial]
            if name == lane:
                entry.last_trials.append(trial)

    def _starts(self, lane: str) -> int:
        """How often a lane has started; 0 when it was lost, given up or never came."""
        entry = self._lanes.get(lane)
        return entry.starts if entry and entry.up else 0

    def _fitting(self, lane: str, working: int, slots: int) -> list[int]:
        """The tickets for a lane: first trials that paused there, then in order; an exclusive one alone."""
        if working and any(
            ticket.lane == lane and _is_exclusive(ticket.work) for ticket in self._tickets.values()
        ):
            return []
        paused_trials = set(self._lanes[lane].last_trials) if lane in self._lanes else set()
        waiting = [n for n, ticket in self._tickets.items() if not ticket.lane and not ticket.promise.done()]
        waiting.sort(key=lambda number: (_trial(self._tickets[number].work) not in paused_trials, number))
        numbers: list[int] = []
        for number in waiting:
            if working + len(numbers) >= slots:
                break
            if not _is_exclusive(self._tickets[number].work):
                numbers.append(number)
            elif working == 0 and not numbers:
                return [number]
        return numbers


def _give_up(ticket: _Ticket) -> None:
    """Answer a train task that cost too many lanes as FAILED. An eval shard waits for other lanes."""
    work = ticket.work
    if ticket.lanes_lost < LANES_LOST or ticket.promise.done() or not isinstance(work, TrainTask):
        return
    reason = f"{LANES_LOST} lanes ended while they trained it, the last one {ticket.last_words}"
    failed = TrainReport(work.spec.id, TrialState.FAILED, (), work.checkpoint, Cost(), reason)
    ticket.promise.set_result(failed)


def _trial(work: Work) -> str:
    return work.spec.id if isinstance(work, TrainTask) else ""


def _is_exclusive(work: Work) -> bool:
    """Whether the work needs a lane to itself: its method changes the base, so it gets a copy of its own."""
    return isinstance(work, TrainTask) and not work.spec.traits.shares_base
