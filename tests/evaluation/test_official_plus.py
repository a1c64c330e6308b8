"""The references of sanitized MBPP, HumanEval+ and MBPP+ pass on every input; other answers do not.

By default a few problems of each; with ASTRAIOS_RAY_ALL_TESTS all.
"""

import os
from collections.abc import Callable
from functools import partial

import pytest

from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.functional import judge_functions
from astraios_ray.evaluation.judging import Batch
from astraios_ray.evaluation.thread_pool_judge import InThreads
from astraios_ray.records import ONE_PROCESS, Completion, Outcome, Verdict
from astraios_ray.sandbox.bubblewrap import Bubblewrap
from tests.evaluation.plus_rows import DATA, mbpp, plus

ALL = bool(os.environ.get("ASTRAIOS_RAY_ALL_TESTS"))
ONE_PROCESS_TASKS = {"Mbpp/255"}  # one answer has 128 million values
SETS: dict[str, tuple[Callable[[], list[Problem]], int, int]] = {
    "mbpp": (mbpp, 427, 20),
    "humaneval_plus": (partial(plus, "humanevalplus/HumanEvalPlus.jsonl.gz"), 164, 16),
    "humaneval_plus_mini": (partial(plus, "humanevalplus/HumanEvalPlus-Mini.jsonl.gz"), 164, 16),
    "mbpp_plus": (partial(plus, "mbppplus/MbppPlus-v0.1.0.jsonl.gz"), 399, 40),
}
_OTHERWISE = "\n_right = {0}\ndef {0}(*arguments):\n    return [_right(*arguments)]\n"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.exists(), reason=f"no real benchmark data at {DATA}"),
]


def completions(problem: Problem) -> list[Completion]:
    program = problem.answer["canonical_solution"]
    wrong = program + _OTHERWISE.format(problem.answer["entry_point"])
    return [Completion(problem.id, sample, text, whole=True) for sample, text in enumerate((program, wrong))]


@pytest.mark.parametrize("name", SETS)
def test_every_reference_passes_and_another_answer_does_not(name: str, sandbox: Bubblewrap) -> None:
    read, count, step = SETS[name]
    problems = {problem.id: problem for problem in read()}
    assert len(problems) == count
    chosen = list(problems)[:: 1 if ALL else step]

    def work(batch: Batch) -> list[Verdict]:
        return judge_functions(problems[batch[0].problem], batch, sandbox)

    verdicts = [v for batch in InThreads(2)(work, (completions(problems[k]) for k in chosen)) for v in batch]
    wrong = [v for v in verdicts if (v.outcome is Outcome.PASSED) != (v.sample == 0)]
    assert not wrong
    assert len(verdicts) == 2 * len(chosen)
    assert {v.problem for v in verdicts if v.facts.get(ONE_PROCESS)} <= ONE_PROCESS_TASKS
