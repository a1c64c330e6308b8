"""The weaker levels: what Landlock prevents, and that neither level is chosen by default."""

from collections.abc import Iterator

import pytest

from astraios_ray.errors import ConfigError, SandboxUnavailable
from astraios_ray.records import Outcome
from astraios_ray.sandbox.bubblewrap import Bubblewrap
from astraios_ray.sandbox.choose import choose_sandbox, packages_here
from astraios_ray.sandbox.jail import landlock
from astraios_ray.sandbox.planted import breaches
from astraios_ray.sandbox.pool import WARM
from astraios_ray.sandbox.protocol import FunctionCheck, Limits, ProgramCheck
from astraios_ray.sandbox.without_namespaces import WithoutNamespaces

LIMITS = Limits(wall_seconds=20.0)
needs_landlock = pytest.mark.skipif(
    landlock.abi() < landlock.OLDEST_ABI, reason="no Landlock that is new enough"
)


@pytest.fixture(autouse=True)
def nothing_warm() -> Iterator[None]:
    WARM.close()
    yield
    WARM.close()


def answer(level: int, body: str) -> Outcome:
    check = FunctionCheck(f"import os\ndef f():\n    {body}\n", "f", "assert f() == 'done'")
    return WithoutNamespaces(level).run_checks([check], LIMITS)[0].outcome


@needs_landlock
def test_landlock_holds_every_canary() -> None:
    assert breaches(WithoutNamespaces(2)) == []


def test_level_1_holds_no_canary_that_wants_the_machine_but_forging_and_outliving() -> None:
    through = breaches(WithoutNamespaces(1))
    assert "read a file of this machine" in through
    assert "connect to this machine" in through
    assert not {"forge an answer", "see a variable of our environment", "outlive its check"} & set(through)


ATTEMPTS = {
    "a signal to its parent": "os.kill(os.getppid(), 0)",
    "the list of processes": "os.listdir('/proc')",
    "its own memory": "open('/proc/self/mem', 'rb')",
    "a file in /tmp": "os.open('/tmp', os.O_TMPFILE | os.O_RDWR)",
    "an abstract socket": "__import__('socket').socket(1, 1).connect('\\0x')",
}


@needs_landlock
@pytest.mark.parametrize("name", ATTEMPTS)
def test_landlock_refuses(name: str) -> None:
    attempt = f"exec({ATTEMPTS[name]!r}); return 'done'"
    assert answer(2, attempt) is Outcome.RUNTIME_ERROR
    if "socket" not in name:
        assert answer(1, attempt) is Outcome.PASSED  # the attempt is a real one


@pytest.mark.parametrize("level", [1, pytest.param(2, marks=needs_landlock)])
def test_limits_hold_at_every_level(level: int) -> None:
    sandbox = WithoutNamespaces(level)
    loop = ProgramCheck("python", "while True: pass", "", "")
    (end,) = sandbox.run_checks([loop], Limits(cpu_seconds=1, wall_seconds=20.0))
    assert (end.outcome, end.cpu_seconds > 0.5) == (Outcome.CPU_TIMEOUT, True)
    waits = ProgramCheck("python", "import time; time.sleep(60)", "", "")
    (end,) = sandbox.run_checks([waits], Limits(wall_seconds=0.5))
    assert end.outcome is Outcome.TIMEOUT


def test_only_python_is_run_without_namespaces() -> None:
    with pytest.raises(SandboxUnavailable, match="Only Python is judged below level 3"):
        WithoutNamespaces(1).run_checks([ProgramCheck("c", "int main(void) {}", "", "")], LIMITS)


def test_an_old_kernel_is_told_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "abi", lambda: 4)
    with pytest.raises(SandboxUnavailable, match=r"offers Landlock ABI 4; needed is 6: Linux 6\.12"):
        WithoutNamespaces(2).check()


def test_levels_and_policies_are_told_apart() -> None:
    descriptions = [sandbox.describe() for sandbox in (Bubblewrap(), WithoutNamespaces(1))]
    assert [description["level"] for description in descriptions] == [3, 1]
    assert descriptions[0]["policy"] != descriptions[1]["policy"]


def test_no_sandbox_at_all_needs_the_name_of_what_is_judged() -> None:
    packages = packages_here()
    assert choose_sandbox() == Bubblewrap(packages=packages)
    assert choose_sandbox("landlock") == WithoutNamespaces(level=2, packages=packages)
    unsandboxed = choose_sandbox(consent="quickstart", name="quickstart")
    assert unsandboxed == WithoutNamespaces(level=1, packages=packages)
    with pytest.raises(ConfigError, match=r"`consent`=yes: expected .* 'quickstart'"):
        choose_sandbox(consent="yes", name="quickstart")
