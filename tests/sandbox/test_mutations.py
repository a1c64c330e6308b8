"""Without a wall something gets through: each wall is necessary, or has partners."""

import platform
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from astraios_ray.errors import SandboxError
from astraios_ray.records import Outcome
from astraios_ray.sandbox.bubblewrap import Bubblewrap, close_jails
from astraios_ray.sandbox.function_checks import check_function
from astraios_ray.sandbox.policy import DEFAULT, Policy
from astraios_ray.sandbox.protocol import Execution, FunctionCheck
from astraios_ray.sandbox.roots import python_root
from astraios_ray.sandbox.seccomp import DEADLY, libseccomp
from astraios_ray.sandbox.warm_jail import WarmJail, become_nobody
from tests.sandbox import mutations
from tests.sandbox.bait import Bait, planted
from tests.sandbox.mutations import MUTATIONS, REFUSES, Mutation, walls, without
from tests.sandbox.suite import LIMITS, SUITE

FUNCTIONS = {hostile.name: hostile for hostile in SUITE if hostile.kind == "python_function"}
X86 = platform.machine() == "x86_64"


@pytest.fixture(scope="module")
def bait(sandbox: Bubblewrap) -> Iterator[Bait]:
    with planted() as planted_bait:
        yield planted_bait


def judged(policy: Policy, names: Sequence[str], bait: Bait) -> Execution:
    """How the last program ended, after the others in one jail."""
    checks = [FUNCTIONS[name].check(bait.fill(FUNCTIONS[name].source)) for name in names]
    try:
        return Bubblewrap(policy=policy).run_checks(checks, LIMITS)[-1]
    finally:
        close_jails()
        bait.reached()  # forget what was reached on purpose


def turns_red(mutation: Mutation, policy: Policy, bait: Bait) -> bool:
    names = mutation.red.split()
    return judged(policy, names, bait).outcome not in FUNCTIONS[names[-1]].allowed


def test_every_wall_has_its_program_or_its_reason() -> None:
    assert [mutation.wall for mutation in MUTATIONS] == list(dict.fromkeys(m.wall for m in MUTATIONS))
    assert {mutation.wall for mutation in MUTATIONS} == set(walls())
    assert all(bool(mutation.red) != bool(mutation.reason) for mutation in MUTATIONS)


def test_every_deadly_call_is_in_one_group() -> None:
    grouped = [name for group in mutations.DEADLY.values() for name in group.split()]
    assert sorted(grouped) == sorted(DEADLY)


@pytest.mark.parametrize("mutation", [m for m in MUTATIONS if m.red and m.red != REFUSES], ids=str)
def test_something_gets_through_without_a_wall(mutation: Mutation, bait: Bait) -> None:
    if mutation.wall == "foreign architectures" and not X86:
        pytest.skip("another processor")
    assert turns_red(mutation, without(mutation.wall, *mutation.partners), bait), mutation.red


@pytest.mark.parametrize("mutation", [m for m in MUTATIONS if m.partners], ids=str)
def test_a_wall_that_is_doubled_holds_alone(mutation: Mutation, bait: Bait) -> None:
    assert not turns_red(mutation, without(mutation.wall), bait)


@pytest.mark.parametrize("mutation", [m for m in MUTATIONS if m.red == REFUSES], ids=str)
def test_a_jail_without_its_foundation_does_not_start(mutation: Mutation, bait: Bait) -> None:
    with pytest.raises(SandboxError):
        judged(without(mutation.wall), ["control_right"], bait)


def test_without_no_wall_everything_stands(bait: Bait) -> None:
    assert without() == DEFAULT
    assert judged(DEFAULT, ["control_right"], bait).outcome is Outcome.PASSED
    assert without("--unshare-net").hash() != DEFAULT.hash() == Policy().hash()
    with pytest.raises(ValueError, match="no wall of the policy"):
        without("--unshare-nothing")


def test_every_deadly_call_is_deadly(sandbox: Bubblewrap) -> None:
    library = libseccomp()
    numbers = {name: library.resolve_syscall(library.Arch.NATIVE, name) for name in DEADLY}
    source = "import ctypes\ndef f(x):\n    ctypes.CDLL(None).syscall({}, -1, -1, -1, -1, -1)\n"
    checks = [FunctionCheck(source.format(number), "f", "f(3)") for number in numbers.values() if number >= 0]
    ends = sandbox.run_checks(checks, LIMITS)
    assert {end.outcome for end in ends} == {Outcome.SECURITY}
    assert len(ends) > 35


EVERY_CALL = """
import ctypes, errno, signal
libc = ctypes.CDLL(None, use_errno=True)
def f(numbers):
    reached = []
    for number in numbers:
        ctypes.set_errno(0)
        libc.syscall(number, -1, -1, -1, -1, -1, -1)
        if ctypes.get_errno() != errno.EPERM:
            reached.append(number)
    return reached
"""


def test_a_call_that_is_on_no_list_is_refused(sandbox: Bubblewrap) -> None:
    library, calls = libseccomp(), DEFAULT.calls
    listed = {
        *calls.allowed,
        *calls.deadly,
        *calls.absent,
        "clone",
        *(name for name, _ in calls.arguments),
    }
    numbers = {library.resolve_syscall(library.Arch.NATIVE, name) for name in listed}
    unfiltered = {335, 336} if X86 else set()  # uretprobe and uprobe, which the kernel does not filter
    unlisted = sorted(set(range(470)) - numbers - unfiltered)
    check = FunctionCheck(EVERY_CALL, "f", f"assert f({unlisted}) == [], f({unlisted})")
    (end,) = sandbox.run_checks([check], LIMITS)
    assert end.outcome is Outcome.PASSED, end.detail
    assert len(unlisted) > 100


WRITING = """
def f(path):
    try:
        open(path + "/astraios-canary", "w").close()
        return 9
    except OSError:
        return 0
"""


@pytest.mark.parametrize(("show", "outcome"), [("--ro-bind", Outcome.FAILED), ("--bind", Outcome.PASSED)])
def test_what_a_jail_shows_of_the_machine_cannot_be_written(
    show: str, outcome: Outcome, sandbox: Bubblewrap
) -> None:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        Path(folder).chmod(0o777)
        jail = WarmJail(replace(python_root(become_nobody()), folders=(folder,)), replace(DEFAULT, show=show))
        try:
            check = FunctionCheck(WRITING, "f", f"assert f({folder!r}) == 9")
            assert check_function(jail, check, LIMITS).outcome is outcome
        finally:
            jail.close()


SUPERVISOR = """
import sys
from dataclasses import replace
from astraios_ray.sandbox.protocol import Limits, ProgramCheck
from astraios_ray.sandbox.bubblewrap import Bubblewrap
from astraios_ray.sandbox.policy import DEFAULT
walls = tuple(wall for wall in DEFAULT.walls if wall[0] not in sys.argv[1:])
source = "import os, time\\nos.close(1)\\nos.close(2)\\ntime.sleep(60)"
sandbox = Bubblewrap(policy=replace(DEFAULT, walls=walls))
sandbox.run_checks([ProgramCheck("python", source, "", "")], Limits(wall_seconds=30.0))
"""


@pytest.mark.parametrize("missing", [(), ("--die-with-parent",)])
def test_nothing_outlives_a_supervisor_that_is_killed(missing: tuple[str, ...], sandbox: Bubblewrap) -> None:
    supervisor = subprocess.Popen([sys.executable, "-c", SUPERVISOR, *missing], start_new_session=True)
    try:
        inside = _confined(psutil.Process(supervisor.pid))
    finally:
        supervisor.send_signal(signal.SIGKILL)
        supervisor.wait()
    _, alive = psutil.wait_procs(inside, timeout=5 if not missing else 1)
    assert bool(alive) is bool(missing)
    for process in alive:
        process.kill()
    psutil.wait_procs(alive, timeout=5)


def _confined(supervisor: psutil.Process) -> list[psutil.Process]:
    """The processes of the supervisor's jail, as soon as it judges."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        inside = supervisor.children(recursive=True)
        if len(inside) >= 5:  # bwrap twice, the zygote, an init, the program
            time.sleep(0.3)
            return list(supervisor.children(recursive=True))
        time.sleep(0.05)
    raise AssertionError("the supervisor started no jail")
