"""Judges on a Ray cluster: each batch in a remote task that holds a sandbox; verdicts as they come."""

import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from threading import Event
from typing import Any

import ray
from ray.exceptions import RayError, RayTaskError

from astraios_ray.errors import AstraiosError, LaneLost, SandboxError
from astraios_ray.evaluation.judging import Attempt, Batch, JudgeBatch
from astraios_ray.on_ray.answer import MOMENT
from astraios_ray.on_ray.judges import SANDBOX, in_a_sandbox
from astraios_ray.records import Verdict


class RayJudge:
    """A ``spread`` of evaluation.judging for a connected Ray. Only names and plain values are sent.

    A task takes one ``sandbox`` of its node and no CPU: lanes that use every CPU cannot block judges, and a
    cluster without a sandbox starts a node for it. A sample whose sandbox or worker broke goes alone to
    another task; after three tasks it is UNSCORED. Any other AstraiosError is raised unchanged.
    """

    def __init__(self, in_flight: int | None = None, leaving: Event | None = None) -> None:
        """``in_flight``: tasks at a time, by default twice the number of sandboxes at the time.

        Once ``leaving`` is set, judging soon raises LaneLost and calls Ray no more.
        """
        self._in_flight, self._leaving = in_flight, leaving or Event()

    def __call__(self, work: JudgeBatch, batches: Iterable[Batch]) -> Iterator[Sequence[Verdict]]:
        """Verdicts batch by batch, in the order in which tasks end. Takes ``batches`` as it has room."""
        task = in_a_sandbox(_judge)
        waiting, retries, running = map(Attempt, batches), deque[Attempt](), dict[Any, Attempt]()
        try:
            while True:
                while len(running) < self._room():
                    if (attempt := retries.popleft() if retries else next(waiting, None)) is None:
                        break
                    running[task.remote(work, attempt.batch)] = attempt
                if not running:
                    return
                reference = self._first(list(running))
                attempt = running.pop(reference)
                try:
                    yield _result(reference)
                except SandboxError as error:
                    retries += attempt.next()
                    if verdicts := attempt.verdicts(error):
                        yield verdicts
        finally:
            for reference in running:
                ray.cancel(reference, force=False)

    def _first(self, running: list[Any]) -> Any:
        """The first of the tasks that ends."""
        ready: list[Any] = []
        while not ready:
            if self._leaving.is_set():
                raise LaneLost("The search has ended.")
            ready, _ = ray.wait(running, num_returns=1, timeout=MOMENT)
        return ready[0]

    def _room(self) -> int:
        """How many tasks may run: two per sandbox, so that no sandbox waits for this process."""
        return self._in_flight or 2 * max(1, math.ceil(ray.cluster_resources().get(SANDBOX, 0)))


def _judge(work: JudgeBatch, batch: Batch) -> Sequence[Verdict]:
    return work(batch)


def _result(reference: Any) -> Sequence[Verdict]:
    """The task's verdicts. Raises SandboxError too when its worker or node died."""
    try:
        verdicts: Sequence[Verdict] = ray.get(reference)
    except RayTaskError as error:
        if isinstance(error.cause, AstraiosError):
            raise error.cause from None
        raise
    except RayError as error:
        raise SandboxError(f"A judging task was lost: {type(error).__name__}.") from error
    return verdicts
