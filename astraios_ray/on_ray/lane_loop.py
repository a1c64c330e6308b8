"""What a lane's workers do from their first lease to the last. Runs inside Ray Train."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ray
import torch
from ray import train
from ray.train.torch import get_device
from torch import distributed

from astraios_ray.on_ray.dispatcher import Piece, Work
from astraios_ray.records import Stretch
from astraios_ray.training.runtime import Runtime, SingleProcess, WorkerGroup
from astraios_ray.trial.worker import Worker

IDLE_SECONDS = 5.0  # how long an idle lane waits for work before it asks again

Batch = list[tuple[int, Work]]


def lane_loop(config: Mapping[str, Any]) -> None:
    """Serve the dispatcher until it sends us home. ``config``: dispatcher, lane, slots, trials, threads."""
    torch.set_num_threads(config["threads"])
    runtime = _runtime()
    desk = _Mailbox(config, runtime)
    worker = Worker(Path(config["trials"]), runtime)
    tickets: dict[str, int] = {}
    while (works := desk.take(worker.working)) is not None:
        for number, work in works:
            if isinstance(work, Piece):
                desk.deliver(number, _write(worker, work))
                continue
            tickets[work.spec.id] = number
            refused = worker.start(work)
            if refused:
                desk.deliver(tickets.pop(refused.trial), refused)
        for stretch in worker.turn():
            desk.deliver(tickets.pop(stretch.trial), stretch)
    desk.flush()


class _Mailbox:
    """Rank 0 talks to the dispatcher; the other workers of the lane hear the same from rank 0."""

    def __init__(self, config: Mapping[str, Any], runtime: Runtime) -> None:
        self._lane, self._slots, self._runtime = config["lane"], config["slots"], runtime
        self._asked: Any = None
        self._sent: list[Any] = []
        if runtime.rank == 0:
            self._dispatcher = ray.get_actor(config["dispatcher"], namespace=config["namespace"])
            ray.get(self._dispatcher.lane_up.remote(self._lane))

    def take(self, working: int) -> Batch | None:
        """New work; an empty list when there is none or no room. Waits only when nothing is under way."""
        works = self._ask(working) if self._runtime.rank == 0 else None
        if self._runtime.world > 1:
            box = [works]
            distributed.broadcast_object_list(box, src=0)
            works = box[0]
        return works

    def deliver(self, number: int, result: Stretch | list[Any] | Exception) -> None:
        """Send a result without waiting for it to arrive."""
        if self._runtime.rank == 0:
            self._sent.append(self._dispatcher.deliver.remote(number, result))
            _, self._sent = ray.wait(self._sent, num_returns=len(self._sent), timeout=0)

    def flush(self) -> None:
        """Wait until everything sent has arrived."""
        ray.get(self._sent)

    def _ask(self, working: int) -> Batch | None:
        if self._asked is None:
            if working >= self._slots:
                return []
            wait = 0.0 if working else IDLE_SECONDS
            self._asked = self._dispatcher.take.remote(self._lane, working, self._slots, wait)
        if working and not ray.wait([self._asked], timeout=0)[0]:
            return []
        works: Batch | None = ray.get(self._asked)
        self._asked = None
        return works


def _runtime() -> Runtime:
    context = train.get_context()
    device = str(get_device())
    if context.get_world_size() == 1:
        return SingleProcess(device)
    return WorkerGroup(device, context.get_world_rank(), context.get_world_size())


def _write(worker: Worker, piece: Piece) -> list[Any] | Exception:
    try:
        return list(worker.write(piece.exam, piece.problems))
    except Exception as error:  # goes to whoever asked for the exam; the lane serves on
        logging.getLogger(__name__).exception("An exam of %s broke down.", piece.exam.spec.id)
        return error
