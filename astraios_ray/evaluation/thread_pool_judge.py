"""Judge on all cores of this machine, in threads; each thread has a jail of its own."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from astraios_ray.evaluation.judging import Batch, JudgeBatch, attempted
from astraios_ray.records import Verdict


@dataclass(frozen=True)
class InThreads:
    """A ``spread`` for ``judge_all``: ``jobs`` batches at a time; verdicts come as each batch ends."""

    jobs: int

    def __call__(self, work: JudgeBatch, batches: Iterable[Batch]) -> Iterator[Sequence[Verdict]]:
        """Yield verdicts per batch, and take more batches as threads become free.

        A batch at which the sandbox breaks is judged again.
        """
        waiting = iter(batches)
        running = set[Future[Sequence[Verdict]]]()
        with ThreadPoolExecutor(self.jobs, thread_name_prefix="judge") as pool:
            try:
                while True:
                    while len(running) < 2 * self.jobs and (batch := next(waiting, None)) is not None:
                        running.add(pool.submit(attempted, work, batch))
                    if not running:
                        return
                    ready, running = wait(running, return_when=FIRST_COMPLETED)
                    for future in ready:
                        yield future.result()
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
