"""Control groups: joining before the first fork, bounds, removal, and machines without groups."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from astraios_ray.records import Outcome
from astraios_ray.sandbox import cgroup
from astraios_ray.sandbox.bubblewrap import Bubblewrap, close_jails
from astraios_ray.sandbox.cgroup import ControlGroup, available
from astraios_ray.sandbox.policy import DEFAULT
from astraios_ray.sandbox.protocol import Limits, ProgramCheck

needs_groups = pytest.mark.skipif(available() == "none", reason="this user can make no control group")


@pytest.fixture
def group() -> Iterator[ControlGroup]:
    control_group = ControlGroup(memory_mib=64, processes=8)
    yield control_group
    control_group.close()


def run_in(group: ControlGroup, program: str) -> subprocess.CompletedProcess[str]:
    command = [*group.enter(), sys.executable, "-I", "-S", "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@needs_groups
def test_a_process_is_in_the_group_from_its_start(group: ControlGroup) -> None:
    groups = run_in(group, "print(open('/proc/self/cgroup').read())").stdout
    assert all(folder.name in groups for folder in group.folders)


@needs_groups
def test_memory_is_bounded_over_all_processes(group: ControlGroup) -> None:
    fits = "x = bytearray(20 << 20); print('done')"
    assert run_in(group, fits).stdout == "done\n"
    forked = "import os, time; os.fork(); x = bytearray(40 << 20); time.sleep(1); print('done')"
    assert run_in(group, forked).stdout.count("done") < 2


@needs_groups
def test_processes_are_bounded(group: ControlGroup) -> None:
    forks = "import os, time\nfor _ in range(20):\n    if os.fork() == 0:\n        time.sleep(1); os._exit(0)"
    assert "BlockingIOError" in run_in(group, forks).stderr


@needs_groups
def test_a_closed_group_is_gone(group: ControlGroup) -> None:
    folders = list(group.folders)
    run_in(group, "pass")
    group.close()
    assert not any(folder.exists() for folder in folders)


@needs_groups
def test_what_a_killed_process_left_is_removed_by_the_next() -> None:
    parents = [parent for _, parent in cgroup._parents()]
    leaves = "from astraios_ray.sandbox.cgroup import ControlGroup; import os; ControlGroup(); os._exit(9)"
    process = subprocess.Popen([sys.executable, "-c", leaves])
    process.wait()
    folders = [path for parent in parents for path in parent.glob(f"*-{process.pid}-*")]
    assert folders
    cgroup._parents.cache_clear()
    available()
    assert not any(path.exists() for path in folders)


@needs_groups
def test_a_jail_is_bounded_as_a_whole_and_leaves_no_group(sandbox: Bubblewrap) -> None:
    parents = [parent for _, parent in cgroup._parents()]
    small = replace(sandbox, policy=replace(DEFAULT, memory_mib=96))
    takes = "x = bytearray({} << 20); print('done')"
    checks = [ProgramCheck("python", takes.format(mib), "", "done") for mib in (20, 200)]
    ends = small.run_checks(checks, Limits(wall_seconds=30.0))
    assert [end.outcome for end in ends] == [Outcome.PASSED, Outcome.MEMORY]
    close_jails()
    assert not [path for parent in parents for path in parent.glob(f"*-{os.getpid()}-*")]


def test_without_a_writable_group_a_command_is_what_it_was(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(cgroup, "_MOUNT", tmp_path)
    cgroup._parents.cache_clear()
    try:
        assert available() == "none"
        assert ControlGroup().enter() == []
    finally:
        monkeypatch.undo()
        cgroup._parents.cache_clear()


def test_version_2_is_used_where_it_is_delegated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder of plain files replaces the kernel's; its content is in the format of version 2."""
    group = next(
        line for line in Path("/proc/self/cgroup").read_text().splitlines() if line.startswith("0::")
    )
    parent = Path(f"{tmp_path}{group.removeprefix('0::')}")
    parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "cgroup.controllers").touch()
    monkeypatch.setattr(cgroup, "_MOUNT", tmp_path)
    monkeypatch.setattr(cgroup, "_holds", lambda controller, folder: os.access(folder, os.W_OK))
    cgroup._parents.cache_clear()
    try:
        assert available() == "v2"
        (folder,) = ControlGroup(memory_mib=64, processes=8).folders
        assert {path.name: path.read_text() for path in folder.iterdir()} == {
            "memory.max": str(64 << 20),
            "memory.swap.max": "0",
            "pids.max": "8",
        }
    finally:
        monkeypatch.undo()
        cgroup._parents.cache_clear()
