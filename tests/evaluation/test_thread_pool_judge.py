"""Judging in threads: every batch, several at a time, and again after a broken sandbox."""

import threading
from collections.abc import Sequence

import pytest

from astraios_ray.errors import DataError, SandboxError
from astraios_ray.evaluation.judging import Batch
from astraios_ray.evaluation.thread_pool_judge import InThreads
from astraios_ray.records import Completion, Outcome, Verdict

BATCHES = [[Completion(str(number), 0, "")] for number in range(20)]


def passed(batch: Batch) -> Sequence[Verdict]:
    return [Verdict(item.problem, item.sample, Outcome.PASSED) for item in batch]


def test_every_batch_is_judged_once() -> None:
    verdicts = [item for batch in InThreads(3)(passed, BATCHES) for item in batch]
    assert sorted(int(item.problem) for item in verdicts) == list(range(20))


def test_as_many_are_judged_at_a_time_as_there_are_jobs() -> None:
    barrier = threading.Barrier(3, timeout=20)

    def work(batch: Batch) -> Sequence[Verdict]:
        barrier.wait()
        return passed(batch)

    assert len(list(InThreads(3)(work, BATCHES[:18]))) == 18


def test_a_sandbox_that_breaks_twice_is_asked_again() -> None:
    failures = [2]

    def work(batch: Batch) -> Sequence[Verdict]:
        failures[0] -= 1
        if failures[0] >= 0:
            raise SandboxError("worn out")
        return passed(batch)

    ((verdict,),) = InThreads(1)(work, BATCHES[:1])
    assert verdict.outcome is Outcome.PASSED


def test_another_error_ends_it() -> None:
    def work(batch: Batch) -> Sequence[Verdict]:
        raise DataError("a broken test")

    with pytest.raises(DataError, match="a broken test"):
        list(InThreads(2)(work, BATCHES))
