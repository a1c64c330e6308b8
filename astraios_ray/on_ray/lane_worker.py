"""What a lane's workers do from their first train_task to the last. Runs inside Ray Train."""

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import ray
import torch
from ray import train
from ray.exceptions import ActorUnavailableError, RayError
from ray.train.torch import get_device
from torch import distributed

from astraios_ray.errors import AstraiosError
from astraios_ray.on_ray.answer import answer_of
from astraios_ray.on_ray.dispatcher import EvalShard, Work
from astraios_ray.records import TrainReport
from astraios_ray.training.pretrain import shared_bases
from astraios_ray.training.runtime import Runtime, SingleProcess, WorkerGroup
from astraios_ray.trial.worker import Worker

IDLE_SECONDS = 5.0  # how long an idle lane waits for work before it asks again

Handed = list[tuple[int, Work]]  # tickets and what they ask for


def run_lane_worker(config: Mapping[str, Any]) -> None:
    """Serve the dispatcher until it sends us home. ``config``: dispatcher, lane, slots, pack_tokens, trials,
    threads, shares_base.
    """
    torch.set_num_threads(config["threads"])
    runtime = _runtime()
    mailbox = _Mailbox(config, runtime)
    try:
        shared = shared_bases() if config["shares_base"] else None
        worker = Worker(Path(config["trials"]), runtime, pack_tokens=config["pack_tokens"], shared=shared)
        _serve(mailbox, worker)
    except (AstraiosError, RayError):  # base, rows, machine, cluster: what the lane held is not to blame
        mailbox.give_back()
        raise
    except Exception as error:  # of whatever kind: with several workers, one that breaks ends them all
        mailbox.give_back(f"with {type(error).__name__}: {error}")
        raise
    mailbox.flush()


def _serve(mailbox: "_Mailbox", worker: Worker) -> None:
    tickets: dict[str, int] = {}
    while (handed := mailbox.take(list(tickets.values()))) is not None:
        for number, work in handed:
            if isinstance(work, EvalShard):
                mailbox.deliver(number, _write(worker, work))
                continue
            tickets[work.spec.id] = number
            refused = worker.start(work)
            if refused:
                mailbox.deliver(tickets.pop(refused.trial), refused)
        for train_report in worker.turn():
            mailbox.deliver(tickets.pop(train_report.trial), train_report)


class _Mailbox:
    """Rank 0 talks to the dispatcher; the other workers of the lane hear the same from rank 0."""

    def __init__(self, config: Mapping[str, Any], runtime: Runtime) -> None:
        self._lane, self._slots, self._runtime = config["lane"], config["slots"], runtime
        self._asked: Any = None
        self._sent: dict[Any, Callable[[], Any]] = {}  # what was promised, and how to send it again
        self._dispatcher = ray.get_actor(config["dispatcher"], namespace=config["namespace"])
        if runtime.rank == 0:
            answer_of(partial(self._dispatcher.lane_up.remote, self._lane))

    def take(self, held: Sequence[int]) -> Handed | None:
        """New work beside the tickets ``held``; an empty list when there is none or no room.

        Waits only when nothing is under way.
        """
        handed = self._ask(held) if self._runtime.rank == 0 else None
        if self._runtime.world > 1:
            box = [handed]
            distributed.broadcast_object_list(box, src=0)
            handed = box[0]
        return handed

    def deliver(self, number: int, result: TrainReport | list[Any] | Exception) -> None:
        """Send a result without waiting for it to arrive."""
        if self._runtime.rank == 0:
            send = partial(self._dispatcher.deliver.remote, number, result)
            self._sent[send()] = send
            arrived, _ = ray.wait(list(self._sent), num_returns=len(self._sent), timeout=0)
            self._confirm(arrived)

    def give_back(self, blame: str | None = None) -> None:
        """Say that this lane ends, whether its work is to blame, and have that handed to another lane.

        Of several workers the one that broke says it, before the others break for want of it.
        """
        answer_of(partial(self._dispatcher.lane_fails.remote, self._lane, blame))

    def flush(self) -> None:
        """Wait until everything sent has arrived."""
        self._confirm(list(self._sent))

    def _confirm(self, promises: Sequence[Any]) -> None:
        for promise in promises:
            answer_of(self._sent.pop(promise), promise)

    def _ask(self, held: Sequence[int]) -> Handed | None:
        if self._asked is None:
            if len(held) >= self._slots:
                return []
            wait = 0.0 if held else IDLE_SECONDS
            self._asked = self._dispatcher.take.remote(self._lane, len(held), self._slots, wait)
        if held and not ray.wait([self._asked], timeout=0)[0]:
            return []
        try:
            handed: Handed | None = ray.get(self._asked)
        except ActorUnavailableError:  # the answer may be lost, with work in it
            answer_of(partial(self._dispatcher.lane_holds.remote, self._lane, held))
            handed = []
        self._asked = None
        return handed


def _runtime() -> Runtime:
    context = train.get_context()
    device = str(get_device())
    if context.get_world_size() == 1:
        return SingleProcess(device)
    return WorkerGroup(device, context.get_world_rank(), context.get_world_size())


def _write(worker: Worker, piece: EvalShard) -> list[Any] | Exception:
    try:
        return worker.write_all(piece.eval_tasks, piece.problems)
    except Exception as error:  # goes to whoever asked for the eval_tasks; the lane serves on
        logging.getLogger(__name__).exception(
            "No eval_task on %s can be written.", piece.eval_tasks[0].spec.model.id
        )
        return error
