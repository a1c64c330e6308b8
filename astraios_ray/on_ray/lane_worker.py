"""The loop of a lane's workers: takes work, does it, delivers the results. Runs inside Ray Train."""

import logging
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

import ray
import torch
from ray import train
from ray.exceptions import ActorUnavailableError, RayError
from ray.train.torch import get_device

from astraios_ray.errors import AstraiosError
from astraios_ray.on_ray.answer import answer_of
from astraios_ray.on_ray.dispatcher import EvalShard, Work
from astraios_ray.on_ray.lane_plan import LaneSettings
from astraios_ray.records import TrainReport
from astraios_ray.training.blame import is_machines
from astraios_ray.training.pretrain import shared_bases
from astraios_ray.training.runtime import Runtime, SingleProcess, WorkerGroup
from astraios_ray.trial.worker import Worker

STEP_NOTE_SECONDS = 5.0  # between two notes that the lane makes steps
IDLE_SECONDS = 5.0  # how long an idle lane waits for work before it asks again

Assignments = list[tuple[int, Work]]  # ticket numbers and their work


def run_lane_worker(settings: LaneSettings) -> None:
    """Serve the dispatcher until it ends the lane."""
    torch.set_num_threads(settings.threads)
    runtime = _runtime()
    mailbox = _Mailbox(settings, runtime)
    try:
        shared = shared_bases() if settings.shares_base else None
        worker = Worker(Path(settings.trials), runtime, pack_tokens=settings.pack_tokens, shared=shared)
        _serve(mailbox, worker)
    except (AstraiosError, RayError):  # of base, rows, machine or cluster: the work is not to blame
        mailbox.give_back()
        raise
    except Exception as error:  # of any kind: one worker that fails ends all workers of the lane
        mailbox.give_back(None if is_machines(error) else f"with {type(error).__name__}: {error}")
        raise
    mailbox.flush()


def _serve(mailbox: "_Mailbox", worker: Worker) -> None:
    tickets: dict[str, int] = {}
    while (assignments := mailbox.take(list(tickets.values()))) is not None:
        for number, work in assignments:
            if isinstance(work, EvalShard):
                mailbox.deliver(number, _write(worker, work))
                continue
            tickets[work.spec.id] = number
            failure = worker.trainer.start(work)
            if failure:
                mailbox.deliver(tickets.pop(failure.trial), failure)
        for train_report in worker.trainer.turn():
            mailbox.deliver(tickets.pop(train_report.trial), train_report)
        mailbox.note_step()


class _Mailbox:
    """A lane's connection to the dispatcher: rank 0 calls it and broadcasts to the other workers."""

    def __init__(self, settings: LaneSettings, runtime: Runtime) -> None:
        self._lane, self._slots, self._runtime = settings.lane, settings.slots, runtime
        self._request: Any = None
        self._noted = monotonic()
        self._deliveries: dict[Any, Callable[[], Any]] = {}  # by promise, how to send it again
        self._dispatcher = ray.get_actor(settings.dispatcher, namespace=settings.namespace)
        if runtime.rank == 0:
            answer_of(partial(self._dispatcher.lane_up.remote, self._lane))

    def take(self, tickets: Sequence[int]) -> Assignments | None:
        """New work beside ``tickets``, which the lane holds; an empty list when there is none or no room.

        Waits only when the lane holds none.
        """
        assignments = self._ask(tickets) if self._runtime.rank == 0 else None
        return self._runtime.agree(assignments)

    def deliver(self, number: int, result: TrainReport | list[Any] | Exception) -> None:
        """Send a result without waiting for it to arrive."""
        if self._runtime.rank == 0:
            send = partial(self._dispatcher.deliver.remote, number, result)
            self._deliveries[send()] = send
            arrived, _ = ray.wait(list(self._deliveries), num_returns=len(self._deliveries), timeout=0)
            self._confirm(arrived)

    def note_step(self) -> None:
        """Tell the dispatcher now and then that this lane makes steps."""
        if self._runtime.rank == 0 and monotonic() - self._noted > STEP_NOTE_SECONDS:
            self._noted = monotonic()
            self._dispatcher.lane_steps.remote(self._lane)

    def give_back(self, blame: str | None = None) -> None:
        """Tell the dispatcher that this lane ends and whether its work is to blame; other lanes get it.

        Of several workers the one that failed calls this, before the others fail because of it.
        """
        answer_of(partial(self._dispatcher.lane_fails.remote, self._lane, blame))

    def flush(self) -> None:
        """Wait until everything sent has arrived."""
        self._confirm(list(self._deliveries))

    def _confirm(self, promises: Sequence[Any]) -> None:
        for promise in promises:
            answer_of(self._deliveries.pop(promise), promise)

    def _ask(self, tickets: Sequence[int]) -> Assignments | None:
        if self._request is None:
            if len(tickets) >= self._slots:
                return []
            wait = 0.0 if tickets else IDLE_SECONDS
            self._request = self._dispatcher.take.remote(self._lane, len(tickets), self._slots, wait)
        if tickets and not ray.wait([self._request], timeout=0)[0]:
            return []
        try:
            assignments: Assignments | None = ray.get(self._request)
        except ActorUnavailableError:  # the answer, which may hold work, may be lost
            answer_of(partial(self._dispatcher.lane_holds.remote, self._lane, tickets))
            assignments = []
        self._request = None
        return assignments


def _runtime() -> Runtime:
    context = train.get_context()
    device = str(get_device())
    if context.get_world_size() == 1:
        return SingleProcess(device)
    return WorkerGroup(device, context.get_world_rank(), context.get_world_size())


def _write(worker: Worker, shard: EvalShard) -> list[Any] | Exception:
    try:
        return worker.write_all(shard.eval_tasks, shard.problems)
    except Exception as error:  # goes to the caller; the lane continues
        logging.getLogger(__name__).exception(
            "No completions of %s can be written.", shard.eval_tasks[0].spec.model.id
        )
        return error
