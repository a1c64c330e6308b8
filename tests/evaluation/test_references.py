"""The reference sets the limits, and a problem whose reference fails gives no verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from astraios_ray.errors import DataError
from astraios_ray.evaluation import references
from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.functional import judge_functions
from astraios_ray.evaluation.references import crowd, limits_from
from astraios_ray.records import Completion, Outcome, Value
from astraios_ray.sandbox.protocol import Check, Execution, FunctionCheck, Limits
from tests.fakes.sandboxes import TrustingSandbox


@dataclass
class Slow:
    """Ends every check with ``outcome`` after ``cpu_seconds``."""

    cpu_seconds: float
    outcome: Outcome = Outcome.PASSED
    limits: list[Limits] = field(default_factory=list)

    def run_checks(self, checks: Sequence[Check], limits: Limits) -> list[Execution]:
        self.limits.append(limits)
        return [Execution(self.outcome, "so it is", 0.0, self.cpu_seconds) for _ in checks]

    def check(self) -> None:
        """Nothing is missing."""

    def describe(self) -> Mapping[str, Value]:
        return {"kind": "slow", "level": 0, "policy": "none"}


@pytest.fixture(autouse=True)
def empty_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(references, "_ends", {})
    monkeypatch.setattr("os.getloadavg", lambda: (0.1, 0.1, 0.1))


CHECK = FunctionCheck("def f(): pass", "f", "f()")


@pytest.mark.parametrize(("took", "cpu_seconds"), [(0.001, 3), (0.3, 3), (0.31, 4), (2.0, 20)])
def test_a_program_may_compute_ten_times_as_long_as_the_reference(took: float, cpu_seconds: int) -> None:
    limits = limits_from(CHECK, "here", Slow(took))
    assert limits.cpu_seconds == cpu_seconds
    assert limits.wall_seconds == pytest.approx(cpu_seconds * 10 / 3)


def test_a_reference_is_run_once() -> None:
    sandbox = Slow(0.5)
    assert limits_from(CHECK, "here", sandbox) == limits_from(CHECK, "here", sandbox)
    assert len(sandbox.limits) == 1


def test_without_a_reference_the_plain_limits_hold() -> None:
    assert limits_from(None, "here", Slow(9.0)) == Limits()


def test_a_crowded_machine_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.getloadavg", lambda: (8.0, 0.0, 0.0))
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: {0, 1})
    assert crowd() == 4.0
    assert limits_from(None, "here", Slow(0.0)).wall_seconds == 4 * Limits().wall_seconds


def test_a_reference_that_fails_is_an_error_of_the_data() -> None:
    with pytest.raises(DataError, match=r"problem 7: its own reference .* failed \(so it is\)"):
        limits_from(CHECK, "problem 7", Slow(0.0, Outcome.FAILED))


def test_a_problem_with_a_broken_reference_judges_nothing() -> None:
    answer = {"declaration": "def f(x):\n", "test": "assert f(3) == 9", "entry_point": "f"}
    problem = Problem("p", "", answer | {"canonical_solution": "    return x\n"})
    with pytest.raises(DataError, match="problem p: its own reference"):
        judge_functions(problem, [Completion("p", 0, "    return 9\n")], TrustingSandbox())


def test_a_long_reference_gives_its_problem_more_time() -> None:
    answer = {"declaration": "def f(x):\n", "test": "assert f(3) == 9", "entry_point": "f"}
    sandbox = Slow(1.0)
    judge_functions(
        Problem("p", "", answer | {"canonical_solution": "    return 9\n"}),
        [Completion("p", 0, "    return x\n")],
        sandbox,
    )
    assert [limits.cpu_seconds for limits in sandbox.limits] == [60, 10]
