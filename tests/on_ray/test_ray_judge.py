"""Judging through Ray: a broken task is tried again; no sample is lost, doubled or counted as failed."""

import os
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from threading import Event

import psutil
import pytest
import ray

from astraios_ray.errors import DataError, LaneLost, SandboxError
from astraios_ray.evaluation.judging import judge_all, judge_batch
from astraios_ray.on_ray.ray_judge import RayJudge
from astraios_ray.records import Completion, Outcome, Verdict
from astraios_ray.sandbox.bubblewrap import Bubblewrap

pytestmark = [pytest.mark.ray, pytest.mark.slow]

EVALUATOR = '''
"""Squares."""
from astraios_ray.evaluation.evaluator import Evaluator, Problem
from astraios_ray.evaluation.functional import judge_functions


class Squares(Evaluator):
    name = "squares"
    stop = ()

    def problems(self):
        answer = {"declaration": "def f(x):\\n", "test": "assert f(3) == 9", "entry_point": "f"}
        return [Problem(f"p{n}", "def f(x):", answer) for n in range(6)]

    def judge(self, problem, completions, sandbox):
        return judge_functions(problem, completions, sandbox)


evaluator = Squares()
'''
BATCHES = [[Completion(f"p{n}", 0, "text")] for n in range(8)]


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    ray.init(
        address="local",
        num_cpus=1,
        resources={"sandbox": 2},
        include_dashboard=False,
        log_to_driver=False,
        configure_logging=False,
    )
    yield
    ray.shutdown()


def test_programs_are_judged_in_tasks_by_name_of_the_evaluator(tmp_path: Path) -> None:
    path = tmp_path / "squares.py"
    path.write_text(EVALUATOR)
    texts = ("    return x * x\n", "    return x\n")
    completions = [Completion(f"p{n}", sample, texts[sample]) for n in range(6) for sample in (0, 1)]
    verdicts = judge_all(path, completions, Bubblewrap(), RayJudge())
    samples = [(item.problem, item.sample) for item in completions]
    assert [(item.problem, item.sample) for item in verdicts] == samples
    assert [item.outcome for item in verdicts] == [Outcome.PASSED, Outcome.FAILED] * 6


def test_a_broken_sandbox_is_tried_again_in_another_task(tmp_path: Path) -> None:
    verdicts = [item for batch in RayJudge()(breaking(tmp_path, times=2), BATCHES) for item in batch]
    assert sorted(item.problem for item in verdicts) == [f"p{n}" for n in range(8)]
    assert {item.outcome for item in verdicts} == {Outcome.PASSED}


def test_what_breaks_three_sandboxes_is_unscored_and_says_why(tmp_path: Path) -> None:
    verdicts = [item for batch in RayJudge()(breaking(tmp_path, times=3), BATCHES[:2]) for item in batch]
    assert [item.outcome for item in verdicts] == [Outcome.UNSCORED] * 2
    assert verdicts[0].detail == "worn out"


def test_what_breaks_every_sandbox_takes_no_other_sample_along() -> None:
    def work(batch: Sequence[Completion]) -> list[Verdict]:
        if any(item.text == "poison" for item in batch):
            raise SandboxError("poisoned")
        return [Verdict(item.problem, item.sample, Outcome.PASSED) for item in batch]

    batch = [Completion("p", sample, "poison" if sample == 3 else "text") for sample in range(8)]
    verdicts = [item for some in RayJudge()(work, [batch, *BATCHES]) for item in some]
    assert len(verdicts) == len({(item.problem, item.sample) for item in verdicts}) == 16
    lost = [item for item in verdicts if item.outcome is not Outcome.PASSED]
    assert lost == [Verdict("p", 3, Outcome.UNSCORED, "poisoned")]


def test_a_killed_worker_loses_and_doubles_nothing(tmp_path: Path) -> None:
    def killing(batch: Sequence[Completion]) -> list[Verdict]:
        mark = tmp_path / batch[0].problem
        if batch[0].problem == "p3" and not mark.exists():
            mark.touch()
            os._exit(1)
        return [Verdict(item.problem, item.sample, Outcome.PASSED) for item in batch]

    verdicts = [item for batch in RayJudge()(killing, BATCHES) for item in batch]
    assert sorted(item.problem for item in verdicts) == [f"p{n}" for n in range(8)]


@pytest.mark.slow
def test_a_thousand_programs_are_judged_right_though_a_judge_is_killed_midway(tmp_path: Path) -> None:
    path = tmp_path / "squares.py"
    path.write_text(EVALUATOR.replace("range(6)", "range(50)"))
    right, wrong = "    return x * x + {} * 0\n", "    return x * {}\n"
    completions = [
        Completion(f"p{n}", sample, (right if sample < 10 else wrong).format(sample))
        for n in range(50)
        for sample in range(20)
    ]
    killed: list[int] = []

    def come() -> Iterator[Completion]:
        for completion in completions:
            if int(completion.problem[1:]) >= 25 and not killed:
                processes = psutil.Process().children(recursive=True)
                for judge in [process for process in processes if is_judge(process)][:1]:  # none: between two
                    killed.append(judge.pid)
                    judge.kill()
            yield completion

    verdicts = judge_all(path, come(), Bubblewrap(), RayJudge())
    assert killed
    assert [(item.problem, item.sample) for item in verdicts] == [(c.problem, c.sample) for c in completions]
    assert [item.outcome for item in verdicts] == ([Outcome.PASSED] * 10 + [Outcome.FAILED] * 10) * 50


def is_judge(process: psutil.Process) -> bool:
    try:
        return bool(process.name().startswith("ray::_judge"))
    except psutil.NoSuchProcess:
        return False


def test_another_error_of_ours_comes_through_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "squares.py"
    path.write_text(EVALUATOR)
    work = partial(judge_batch, path, Bubblewrap())
    with pytest.raises(DataError, match="has no problem 'nowhere'"):
        list(RayJudge()(work, [[Completion("nowhere", 0, "")]]))


def test_batches_are_taken_only_as_there_is_room() -> None:
    numbers: list[int] = []

    def batches() -> Iterator[list[Completion]]:
        for number, batch in enumerate(BATCHES):
            numbers.append(number)
            yield batch

    def passing(batch: Sequence[Completion]) -> list[Verdict]:
        return [Verdict(item.problem, item.sample, Outcome.PASSED) for item in batch]

    results = RayJudge(in_flight=2)(passing, batches())
    next(iter(results))
    assert numbers == [0, 1]
    assert len(list(results)) == 7


def breaking(folder: Path, times: int) -> partial[list[Verdict]]:
    """Work that breaks a number of times for each problem."""

    def work(folder: Path, times: int, batch: Sequence[Completion]) -> list[Verdict]:
        tries = folder / f"{batch[0].problem}.tries"
        count = len(tries.read_text()) if tries.exists() else 0
        if count < times:
            tries.write_text("x" * (count + 1))
            raise SandboxError("worn out")
        return [Verdict(item.problem, item.sample, Outcome.PASSED) for item in batch]

    return partial(work, folder, times)


def test_nobody_waits_for_judges_when_the_search_leaves() -> None:
    leaving, never = Event(), ray.put("nothing that a judge says")
    judge = RayJudge(leaving=leaving)
    assert judge._first([never]) == never
    leaving.set()
    with pytest.raises(LaneLost, match="The search has ended"):
        judge._first([never])
