"""A jail or host that dies while nobody uses it is replaced, and takes no check along."""

import shutil
from collections.abc import Iterator

import psutil
import pytest

from astraios_ray.errors import SandboxError
from astraios_ray.records import Outcome
from astraios_ray.sandbox import warm_jail
from astraios_ray.sandbox.bubblewrap import Bubblewrap, close_jails
from astraios_ray.sandbox.many import check_many
from astraios_ray.sandbox.protocol import Check, FunctionCheck, JavaCheck, Limits

LIMITS = Limits(wall_seconds=30.0)
PYTHON = FunctionCheck("def f(x): return x * x", "f", "assert f(3) == 9")
JAVA = JavaCheck(
    "class Solution { int f(int x) { return x * x; } }",
    "class Main { public static void main(String[] a) { assert new Solution().f(3) == 9; } }",
)
needs_java = pytest.mark.skipif(shutil.which("jlink") is None, reason="no JDK is installed")


@pytest.fixture(autouse=True)
def cold() -> Iterator[None]:
    close_jails()
    yield
    close_jails()


def kill_all(word: str) -> None:
    """Kill the processes of the idle jails whose command has ``word``."""
    processes = psutil.Process().children(recursive=True)
    victims = [process for process in processes if word in " ".join(process.cmdline())]
    assert victims
    for process in victims:
        process.kill()
    psutil.wait_procs(victims, timeout=5)


@pytest.mark.parametrize(
    ("check", "word"),
    [
        (PYTHON, "bwrap"),
        pytest.param(JAVA, "bwrap", marks=needs_java),
        pytest.param(JAVA, "astraios.Host", marks=needs_java),
    ],
    ids=["a jail", "the jails of Java", "the host of Java"],
)
def test_one_that_died_is_replaced_at_once(sandbox: Bubblewrap, check: Check, word: str) -> None:
    for _ in range(2):  # a second attempt would hide it
        assert sandbox.run_checks([check], LIMITS)[0].outcome is Outcome.PASSED
        kill_all(word)
    assert sandbox.run_checks([check], LIMITS)[0].outcome is Outcome.PASSED


def test_a_machine_without_descriptors_breaks_the_sandbox_and_no_more(
    sandbox: Bubblewrap, monkeypatch: pytest.MonkeyPatch
) -> None:
    def exhausted(*arguments: object, **named: object) -> None:
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as patched, pytest.raises(SandboxError, match="Too many open files"):
        patched.setattr(warm_jail, "launch", exhausted)
        sandbox.run_checks([PYTHON], LIMITS)
    assert [end.outcome for end in check_many(sandbox, [PYTHON], 1, LIMITS)] == [Outcome.PASSED]
