"""Problems whose values cannot cross are judged in one process, and their scores say so."""

import pytest

from astraios_ray.errors import DataError
from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.functional import judge_functions
from astraios_ray.records import ONE_PROCESS, Completion, Outcome, Verdict
from astraios_ray.sandbox.bubblewrap import Bubblewrap
from astraios_ray.sandbox.protocol import FunctionCheck, Limits

LIMITS = Limits(wall_seconds=60.0)
SHAPE = """
class Square:
    def __init__(self, x):
        self.x = x
    def area(self):
        return self.x {}
"""
RIGHT, WRONG = SHAPE.format("** 2"), SHAPE.format("* 2")
TEST = "assert Square(3).area() == 9"


@pytest.mark.parametrize(
    ("program", "outcome", "detail"),
    [
        (RIGHT, Outcome.PASSED, ""),
        (WRONG, Outcome.FAILED, "AssertionError"),
        ("raise ValueError(3)", Outcome.LOAD_ERROR, "ValueError: 3"),
        ("Square = 3", Outcome.FAILED, "TypeError: 'int' object is not callable"),
        ("x = 3", Outcome.LOAD_ERROR, "KeyError: 'Square'"),
        ("import os\ndef Square(x):\n    os._exit(0)", Outcome.EARLY_EXIT, "exit status 0"),
        ("def Square(x):\n    raise SystemExit", Outcome.EARLY_EXIT, "exit status 0"),
        ("def Square(x):\n    return bytearray(1 << 30)", Outcome.MEMORY, "MemoryError"),
        ("print(1)\n" + RIGHT + "print('\\udcff'.encode('utf-8', 'surrogatepass'))", Outcome.PASSED, ""),
    ],
)
def test_a_program_beside_its_test_ends_as_it_is(
    program: str, outcome: Outcome, detail: str, sandbox: Bubblewrap
) -> None:
    (end,) = sandbox.run_checks([FunctionCheck(program, "Square", TEST, one_process=True)], LIMITS)
    assert (end.outcome, end.detail) == (outcome, detail)


def verdicts(reference: str, sandbox: Bubblewrap) -> list[Verdict]:
    answer = {"declaration": "", "canonical_solution": reference, "test": TEST, "entry_point": "Square"}
    texts = [Completion("p", n, text, whole=True) for n, text in enumerate((RIGHT, WRONG))]
    return judge_functions(Problem("p", "", answer), texts, sandbox)


def test_a_problem_whose_own_reference_cannot_cross_is_judged_so(sandbox: Bubblewrap) -> None:
    judged = verdicts(RIGHT, sandbox)
    assert [verdict.outcome for verdict in judged] == [Outcome.PASSED, Outcome.FAILED]
    assert all(verdict.facts == {ONE_PROCESS: True} for verdict in judged)


def test_a_reference_that_fails_in_one_process_too_judges_nothing(sandbox: Bubblewrap) -> None:
    with pytest.raises(DataError, match=r"problem p: its own reference solution is judged failed"):
        verdicts(WRONG, sandbox)


def test_a_program_whose_values_cannot_cross_is_not_judged_failed(sandbox: Bubblewrap) -> None:
    (end,) = sandbox.run_checks([FunctionCheck(RIGHT, "Square", TEST)], LIMITS)
    assert end.outcome is Outcome.UNSUPPORTED_VALUE
    assert end.detail.startswith("a value of type Square does not cross; ")
