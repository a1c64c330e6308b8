"""Judge on a Ray cluster: each batch in a remote task that owns a sandbox slot; results as they come."""

import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from threading import Event
from typing import Any

import ray
from ray.exceptions import RayError, RayTaskError

from astraios_ray.errors import AstraiosError, LaneLost, SandboxError
from astraios_ray.evaluation.judging import Attempt, Batch, JudgeBatch
from astraios_ray.on_ray.judges import SANDBOX, in_a_sandbox
from astraios_ray.records import Verdict

MOMENT = 0.5  # seconds within a call of Ray


class RayJudge:
    """A ``spread`` of evaluation.run for a connected Ray. What crosses are names and plain values.

    A task takes one ``sandbox`` of its node and no CPU: lanes that keep every CPU cannot keep judges
    waiting for ever, and a cluster that has none yet starts a node for it. A sample whose sandbox or worker
    broke is given to another task, alone, in three tasks in all, and is then UNSCORED. Any other error of
    ours is raised as it was.
    """

    def __init__(self, in_flight: int | None = None, leaving: Event | None = None) -> None:
        """``in_flight``: tasks at a time; else twice the sandboxes that there are at that moment. Raises
        LaneLost within a moment once ``leaving`` is set, and calls Ray no more.
        """
        self._in_flight, self._leaving = in_flight, leaving or Event()

    def __call__(self, work: JudgeBatch, batches: Iterable[Batch]) -> Iterator[Sequence[Verdict]]:
        """Verdicts batch by batch, in the order in which they are known. Takes ``batches`` as it has room."""
        task = in_a_sandbox(_judge)
        waiting, again, running = map(Attempt, batches), deque[Attempt](), dict[Any, Attempt]()
        try:
            while True:
                while len(running) < self._room():
                    if (attempt := again.popleft() if again else next(waiting, None)) is None:
                        break
                    running[task.remote(work, attempt.batch)] = attempt
                if not running:
                    return
                done = self._first(list(running))
                attempt = running.pop(done)
                try:
                    yield _result(done)
                except SandboxError as error:
                    again += attempt.next()
                    if verdicts := attempt.verdicts(error):
                        yield verdicts
        finally:
            for reference in running:
                ray.cancel(reference, force=False)

    def _first(self, running: list[Any]) -> Any:
        """The first of the tasks that ends."""
        ended: list[Any] = []
        while not ended:
            if self._leaving.is_set():
                raise LaneLost("The search has ended.")
            ended, _ = ray.wait(running, num_returns=1, timeout=MOMENT)
        return ended[0]

    def _room(self) -> int:
        """One more than slots each, so that no slot waits for this process; more when nodes have come."""
        return self._in_flight or 2 * max(1, math.ceil(ray.cluster_resources().get(SANDBOX, 0)))


def _judge(work: JudgeBatch, batch: Batch) -> Sequence[Verdict]:
    return work(batch)


def _result(done: Any) -> Sequence[Verdict]:
    """The task's verdicts. Raises SandboxError too when its worker or node died."""
    try:
        verdicts: Sequence[Verdict] = ray.get(done)
    except RayTaskError as error:
        if isinstance(error.cause, AstraiosError):
            raise error.cause from None
        raise
    except RayError as error:
        raise SandboxError(f"A judging task was lost: {type(error).__name__}.") from error
    return verdicts
