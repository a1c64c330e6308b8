"""The contract of every sandbox."""

import pickle
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from astraios_ray.errors import DataError
from astraios_ray.records import Outcome
from astraios_ray.sandbox.bubblewrap import Bubblewrap
from astraios_ray.sandbox.jail.landlock import OLDEST_ABI, abi
from astraios_ray.sandbox.pool import WARM
from astraios_ray.sandbox.protocol import FunctionCheck, Limits, Sandbox
from astraios_ray.sandbox.without_namespaces import WithoutNamespaces
from tests.fakes.sandboxes import TrustingSandbox

TEST = "assert f(3) == 9"
RIGHT = FunctionCheck("def f(x):\n    return x * x\n", "f", TEST)
WRONG = FunctionCheck("def f(x):\n    return x\n", "f", TEST)
ENDS = {
    Outcome.PASSED: RIGHT,
    Outcome.FAILED: WRONG,
    Outcome.LOAD_ERROR: FunctionCheck("def f(x) return x", "f", TEST),
    Outcome.NO_ENTRY: FunctionCheck("def g(x): return 9", "f", TEST),
    Outcome.RUNTIME_ERROR: FunctionCheck("def f(x): return x['a']", "f", TEST),
    Outcome.VACUOUS: FunctionCheck("def f(x): return 9", "f", "pass"),
}


SANDBOXES: dict[str, Sandbox] = {
    "bubblewrap": Bubblewrap(),
    "landlock": WithoutNamespaces(level=2),
    "unsandboxed": WithoutNamespaces(level=1),
    "trusting": TrustingSandbox(),
}


@pytest.fixture(scope="module", params=SANDBOXES)
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    if request.param == "bubblewrap":
        request.getfixturevalue("sandbox")  # skipped where it is not installed
    if request.param == "landlock" and abi() < OLDEST_ABI:
        pytest.skip("this kernel has no Landlock that is new enough")
    yield SANDBOXES[request.param]
    WARM.close()


def outcomes(sandbox: Sandbox, *checks: FunctionCheck) -> list[Outcome]:
    return [end.outcome for end in sandbox.run_checks(checks, Limits())]


@pytest.mark.parametrize("expected", ENDS, ids=str)
def test_each_kind_of_end_has_its_outcome(sandbox: Sandbox, expected: Outcome) -> None:
    assert outcomes(sandbox, ENDS[expected]) == [expected]


def test_checks_are_answered_in_their_order(sandbox: Sandbox) -> None:
    assert outcomes(sandbox, *ENDS.values(), *reversed(ENDS.values())) == [*ENDS, *reversed(ENDS)]


def test_no_checks_have_no_answers(sandbox: Sandbox) -> None:
    assert outcomes(sandbox) == []


def test_a_test_that_calls_the_function_candidate_works_too(sandbox: Sandbox) -> None:
    assert outcomes(sandbox, FunctionCheck(RIGHT.source, "f", "assert candidate(3) == 9")) == [Outcome.PASSED]


def test_a_test_may_use_names_of_its_prelude(sandbox: Sandbox) -> None:
    check = FunctionCheck(RIGHT.source, "f", "assert f(3) == square(3)", "def square(x): return x * x")
    assert outcomes(sandbox, check) == [Outcome.PASSED]


def test_a_test_may_expect_an_error(sandbox: Sandbox) -> None:
    test = "try:\n    f(0)\nexcept ZeroDivisionError:\n    pass\nelse:\n    raise AssertionError\n"
    assert outcomes(sandbox, FunctionCheck("def f(x): return 1 / x", "f", test)) == [Outcome.PASSED]


def test_a_broken_test_is_no_judgement_of_the_program(sandbox: Sandbox) -> None:
    with pytest.raises(DataError, match="test"):
        outcomes(sandbox, FunctionCheck(RIGHT.source, "f", "assert f(3) =="))


def test_it_is_a_value_that_travels(sandbox: Sandbox) -> None:
    assert outcomes(pickle.loads(pickle.dumps(sandbox)), RIGHT, WRONG) == [Outcome.PASSED, Outcome.FAILED]


def test_threads_may_share_it(sandbox: Sandbox) -> None:
    with ThreadPoolExecutor(3) as threads:
        results = list(threads.map(lambda check: outcomes(sandbox, check), [RIGHT, WRONG] * 6))
    assert results == [[Outcome.PASSED], [Outcome.FAILED]] * 6


def test_it_says_what_it_is(sandbox: Sandbox) -> None:
    description = sandbox.describe()
    assert {"kind", "level", "policy"} <= set(description)
    assert description == sandbox.describe()
