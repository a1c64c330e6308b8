import pytest

from astraios_ray.errors import DataError
from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.functional import judge_functions
from astraios_ray.records import Completion, Outcome
from astraios_ray.sandbox.protocol import FunctionCheck
from tests.fakes.sandboxes import TrustingSandbox

ANSWER = {"declaration": "def f(x):\n", "test": "def check(f):\n    assert f(3) == 9\n", "entry_point": "f"}
PROBLEM = Problem("square", "Write f.", ANSWER)


def judged(problem: Problem, *texts: str, sandbox: TrustingSandbox | None = None) -> list[Outcome]:
    completions = [Completion(problem.id, sample, text) for sample, text in enumerate(texts)]
    verdicts = judge_functions(problem, completions, sandbox or TrustingSandbox())
    assert [(item.problem, item.sample) for item in verdicts] == [(problem.id, n) for n in range(len(texts))]
    return [item.outcome for item in verdicts]


def test_each_completion_gets_its_verdict_in_order() -> None:
    texts = ("    return x * x\n", "    return x\n", "    return x *\n", "")
    assert judged(PROBLEM, *texts) == [Outcome.PASSED, Outcome.FAILED, Outcome.LOAD_ERROR, Outcome.LOAD_ERROR]


def test_what_follows_the_function_is_cut_off() -> None:
    assert judged(PROBLEM, "    return x * x\n\nassert f(3) == 0\n") == [Outcome.PASSED]


def test_programs_that_are_equal_after_the_cut_are_run_once() -> None:
    sandbox = TrustingSandbox()
    judged(PROBLEM, *["    return x * x\n"] * 3, "    return x * x\nprint(1)\n", sandbox=sandbox)
    assert len(sandbox.seen) == 1


@pytest.mark.parametrize(
    "test",
    [
        "def check(candidate):\n    assert candidate(3) == 9\n",
        "def check(f):\n    assert f(3) == 9\n\ncheck(f)",
        "assert f(3) == 9",
    ],
)
def test_each_layout_of_a_test_is_run_exactly_once(test: str) -> None:
    sandbox = TrustingSandbox()
    problem = Problem("square", "", {**ANSWER, "test": test})
    assert judged(problem, "    return x * x\n", "    return x\n", sandbox=sandbox) == [
        Outcome.PASSED,
        Outcome.FAILED,
    ]
    (first, _) = sandbox.seen
    assert isinstance(first, FunctionCheck)
    assert first.test.count("check(f)") + ("assert f" in test and "check" not in test) >= 1


def test_a_missing_part_of_the_answer_is_named() -> None:
    with pytest.raises(DataError, match="problem square: answer: 'test' is missing"):
        judged(Problem("square", "", {"declaration": "", "entry_point": "f"}), "")


def test_a_test_that_is_no_python_is_refused_before_anything_runs() -> None:
    with pytest.raises(DataError, match="problem square: its test is no Python"):
        judged(Problem("square", "", {**ANSWER, "test": "assert ("}), "")
