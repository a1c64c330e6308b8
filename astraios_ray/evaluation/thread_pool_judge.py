"""Judge on all cores of this machine: threads, each of which has a jail of its own at work."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from astraios_ray.evaluation.judging import Batch, JudgeBatch, attempted
from astraios_ray.records import Verdict


@dataclass(frozen=True)
class InThreads:
    """A ``spread`` of evaluation.run: ``jobs`` batches at a time, verdicts as they are known."""

    jobs: int

    def __call__(self, work: JudgeBatch, batches: Iterable[Batch]) -> Iterator[Sequence[Verdict]]:
        """Takes ``batches`` as it has room for them; a batch at which the sandbox breaks is tried again."""
        waiting = iter(batches)
        running = set[Future[Sequence[Verdict]]]()
        with ThreadPoolExecutor(self.jobs, thread_name_prefix="judge") as pool:
            try:
                while True:
                    while len(running) < 2 * self.jobs and (batch := next(waiting, None)) is not None:
                        running.add(pool.submit(attempted, work, batch))
                    if not running:
                        return
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        yield future.result()
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
