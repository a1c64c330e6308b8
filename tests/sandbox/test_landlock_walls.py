"""Level 2: what a program could do to the machine that it shares, and the wall that stops it."""

import os
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from astraios_ray.records import Outcome
from astraios_ray.sandbox.jail import landlock
from astraios_ray.sandbox.landlock_policy import OF_A_PROCESS, POLICIES, REFUSED
from astraios_ray.sandbox.policy import DEFAULT
from astraios_ray.sandbox.pool import WARM
from astraios_ray.sandbox.protocol import Limits
from astraios_ray.sandbox.warm_jail import become_nobody
from astraios_ray.sandbox.without_namespaces import WithoutNamespaces
from tests.sandbox.bait import planted
from tests.sandbox.landlock_attempts import ATTEMPTS, SHARED, Attempt, opened
from tests.sandbox.mutations import walls
from tests.sandbox.suite import SUITE

LIMITS = Limits(wall_seconds=20.0)
pytestmark = pytest.mark.skipif(landlock.abi() < landlock.OLDEST_ABI, reason="no Landlock that is new enough")


@dataclass(frozen=True)
class Targets:
    """A process, files and sockets that belong to the jail's own user, so that only walls protect them."""

    process: int
    folder: Path
    sockets: Sequence[socket.socket]
    port: int

    def names(self) -> dict[str, object]:
        """What the attempts call them."""
        sockets = {"SOCKET": str(self.folder / "socket"), "NAME": self.folder.name, "PORT": self.port}
        core = min(os.sched_getaffinity(0))
        files = {"FILE": str(self.folder / "file"), "FOLDER": str(self.folder)}
        return {"VICTIM": self.process, "CORE": core, **files, **sockets}

    def state(self) -> list[object]:
        """Everything that an attempt could change."""
        folder = sorted(
            (path.name, path.lstat().st_mode, path.lstat().st_size) for path in self.folder.iterdir()
        )
        process = self.process
        return [
            *(folder, (self.folder / "file").stat().st_mtime_ns, os.getpriority(os.PRIO_PROCESS, process)),
            *(os.sched_getscheduler(process), os.sched_getaffinity(process)),
            Path(f"/proc/{process}/limits").read_text(),
            *map(_unread, self.sockets),
        ]


def _unread(receiver: socket.socket) -> bytes:
    try:
        return receiver.recv(9)
    except BlockingIOError:
        return b""


@pytest.fixture
def targets() -> Iterator[Targets]:
    user, group = _jails_user()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="bait-")))
        for file in ("file", "spare", "old"):
            (folder / file).write_text(file)
        path, name, listener = (stack.enter_context(socket.socket(*kind)) for kind in _SOCKETS)
        for receiver, address in ((path, str(folder / "socket")), (name, f"\0{folder.name}")):
            receiver.bind(address)
            receiver.setblocking(False)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        for place in (folder, *folder.iterdir()):
            os.chown(place, user, group)
        process = stack.enter_context(
            subprocess.Popen(["sleep", "600"], user=user, group=group, process_group=0)
        )
        stack.callback(process.kill)
        yield Targets(process.pid, folder, (path, name), listener.getsockname()[1])


def _jails_user() -> tuple[int, int]:
    command = become_nobody()
    user = int(command[1].removeprefix("--reuid=")) if command else os.getuid()
    return user, user if command else os.getgid()


_SOCKETS = (
    (socket.AF_UNIX, socket.SOCK_DGRAM),
    (socket.AF_UNIX, socket.SOCK_DGRAM),
    (socket.AF_INET, socket.SOCK_STREAM),
)


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=str)
def test_level_2_refuses_it_and_nothing_changes(attempt: Attempt, targets: Targets) -> None:
    before = targets.state()
    (end,) = WithoutNamespaces(2).run_checks([attempt.check(targets.names())], LIMITS)
    assert (end.outcome, "Error" in end.detail) == (Outcome.RUNTIME_ERROR, True), end
    assert targets.state() == before


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=str)
def test_level_1_lets_it_through(attempt: Attempt, targets: Targets) -> None:
    (end,) = WithoutNamespaces(1).run_checks([attempt.check(targets.names())], LIMITS)
    assert end.outcome is Outcome.PASSED, end


@pytest.mark.parametrize(
    "wall", sorted({(attempt.wall, *attempt.partners) for attempt in ATTEMPTS}), ids=" and ".join
)
def test_without_its_wall_it_gets_through(wall: tuple[str, ...], targets: Targets) -> None:
    attempts = [attempt for attempt in ATTEMPTS if (attempt.wall, *attempt.partners) == wall]
    checks = [attempt.check(targets.names()) for attempt in attempts]
    ends = WithoutNamespaces(2, policy=opened(*wall)).run_checks(checks, LIMITS)
    WARM.close()
    assert {str(attempt): end.outcome for attempt, end in zip(attempts, ends, strict=True)} == dict.fromkeys(
        map(str, attempts), Outcome.PASSED
    )


@pytest.mark.parametrize("attempt", [attempt for attempt in ATTEMPTS if attempt.partners], ids=str)
def test_a_wall_that_is_doubled_holds_alone(attempt: Attempt, targets: Targets) -> None:
    for wall in (attempt.wall, *attempt.partners):
        others = {attempt.wall, *attempt.partners} - {wall}
        sandbox = WithoutNamespaces(2, policy=opened(*others))
        (end,) = sandbox.run_checks([attempt.check(targets.names())], LIMITS)
        assert end.outcome is Outcome.RUNTIME_ERROR, f"{wall}: {end}"
    WARM.close()


def test_every_wall_that_level_3_has_not_has_its_attempt() -> None:
    more = set(walls(SHARED)) - set(walls(DEFAULT))
    changed = {f"arguments: {name}" for name, _ in set(SHARED.calls.arguments) - set(DEFAULT.calls.arguments)}
    tried = {attempt.wall for attempt in ATTEMPTS}
    assert tried == more | changed | {f"calls: {name}" for name in REFUSED}
    assert {f"arguments: {name}" for name in OF_A_PROCESS} < tried


def test_every_call_that_level_3_refuses_is_refused() -> None:
    calls, of_level_3 = SHARED.calls, DEFAULT.calls
    assert set(calls.allowed) < set(of_level_3.allowed)
    same = ("deadly", "more", "absent", "refused_clone", "foreign")
    assert [getattr(calls, name) for name in same] == [getattr(of_level_3, name) for name in same]
    assert POLICIES[2].hash(2) != POLICIES[1].hash(1) != DEFAULT.hash(3)


SEEN = {  # programs that get further than at level 3, and what docs/sandbox.md says that they may
    **dict.fromkeys(("find_other_processes", "host_name", "who_am_i", "kernel_memory"), "numbers and names"),
    "capabilities_within_reach": "only a set-user program could have them, and none gives a right",
    "thirty_threads": "threads are counted for a user of the whole machine",
    "kill_everything": "the kernel says that it killed all it may, which is nothing",
    "stop_itself": "only the first process of a namespace cannot",
    "leave_by_a_signal": "likewise",
}
TRIED = [
    hostile
    for hostile in SUITE
    if hostile.kind in ("python_function", "python_program") and hostile.quick and hostile.name not in SEEN
]


def test_the_hostile_programs_of_level_3_are_held() -> None:
    WARM.close()  # a jail that started before does not see the planted secret
    sandbox = WithoutNamespaces(2)
    with planted() as bait:
        checks = [(hostile.check(bait.fill(hostile.source)), hostile.limits) for hostile in TRIED]
        ended = [sandbox.run_checks([check], limits)[0] for check, limits in checks]
        reached = bait.reached() + [end.detail for end in ended if bait.secret in end.detail]
    refused = "PermissionError"  # what level 3 shows of its own, such as /tmp, is not there
    free = {
        hostile.name: end
        for hostile, end in zip(TRIED, ended, strict=True)
        if end.outcome not in hostile.allowed and refused not in end.detail
    }
    assert (free, reached) == ({}, [])
    assert len(TRIED) > 150
