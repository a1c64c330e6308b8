"""A control group for each jail, if this user can make one: a second bound on memory and processes.

It uses version 2 if that is delegated, else the memory and pids hierarchies of version 1. If neither is
writable, only the limits of each process hold. ``available`` gives the version, and every score records it.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from time import monotonic, sleep

from psutil import pid_exists

_MOUNT = Path("/sys/fs/cgroup")
_PREFIX = "astraios-ray"
MEMORY_MIB = 2560  # of a whole jail: two processes, their files in /tmp, and a compiler's children
PROCESSES = 256

_FILES = {  # by version and controller
    "v2": ("memory.max", "memory.swap.max", "pids.max"),
    "memory": ("memory.limit_in_bytes",),
    "pids": ("pids.max",),
}
_REMOVAL_SECONDS = 2.0
_ENTER = 'while [ "$1" != -- ]; do echo $$ > "$1" || exit 125; shift; done; shift; exec "$@"'


class ControlGroup:
    """The folders of one jail's group; none without a group."""

    def __init__(self, memory_mib: int = MEMORY_MIB, processes: int = PROCESSES) -> None:
        limits = {"pids.max": processes, "memory.swap.max": 0}
        self.folders: list[Path] = []
        for controller, parent in _parents():
            folder = parent / f"{_PREFIX}-{os.getpid()}-{secrets.token_hex(4)}"
            folder.mkdir()
            self.folders.append(folder)
            for name in _FILES[controller]:
                with suppress(FileNotFoundError):  # a kernel without swap accounting has no such file
                    (folder / name).write_text(str(limits.get(name, memory_mib << 20)))

    def enter(self) -> list[str]:
        """The command that joins the group and then executes the words behind it."""
        if not self.folders:
            return []
        return [
            "/bin/sh",
            "-c",
            _ENTER,
            "sh",
            *(str(folder / "cgroup.procs") for folder in self.folders),
            "--",
        ]

    def close(self) -> None:
        """Remove the group once the last of its killed processes is gone."""
        deadline = monotonic() + _REMOVAL_SECONDS
        while self.folders:
            try:
                self.folders[-1].rmdir()
                self.folders.pop()
            except OSError:
                if monotonic() > deadline:
                    return  # another process removes it after this one has ended
                sleep(0.002)


def available() -> str:
    """The version of control groups: v2, v1 or none."""
    controllers = [controller for controller, _ in _parents()]
    return "none" if not controllers else "v2" if controllers == ["v2"] else "v1"


@cache
def _parents() -> tuple[tuple[str, Path], ...]:
    """Controllers and their parent folders of groups; groups of dead processes are removed."""
    parents = []
    for controller, parent in _own_groups():
        if not os.access(parent, os.W_OK) or not _holds(controller, parent):
            return ()
        for folder in parent.glob(f"{_PREFIX}-*"):
            if not pid_exists(int(folder.name.split("-")[2])):
                with suppress(OSError):
                    folder.rmdir()
        parents.append((controller, parent))
    return tuple(parents)


def _own_groups() -> Iterator[tuple[str, Path]]:
    """The group of this process for each controller."""
    try:
        lines = [line.split(":", 2) for line in Path("/proc/self/cgroup").read_text().splitlines()]
    except OSError:
        return
    path_of = {controller: path for _, names, path in lines for controller in names.split(",")}
    if (_MOUNT / "cgroup.controllers").exists():
        yield "v2", Path(f"{_MOUNT}{path_of.get('', '/')}")
    else:
        for controller in ("memory", "pids"):
            if controller in path_of:
                yield controller, Path(f"{_MOUNT}/{controller}{path_of[controller]}")


def _holds(controller: str, parent: Path) -> bool:
    """Whether a group in ``parent`` really can be limited, tested by a temporary group."""
    probe = parent / f"{_PREFIX}-{os.getpid()}-probe"
    try:
        probe.mkdir()
    except OSError:
        return False
    try:
        return all((probe / name).exists() for name in _FILES[controller] if "swap" not in name)
    finally:
        probe.rmdir()
