"""A control group for each jail, where this user may make one: a second bound on its memory and processes.

Version 2 where it is delegated, else the memory and pids hierarchies of version 1. Where neither can be
written, the limits of each process hold alone; ``available`` says which, and every score tells it.
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
MEMORY_MIB = 2560  # of a whole jail: two processes, what they write to /tmp, and a compiler's children
PROCESSES = 256

_FILES = {  # by version and controller
    "v2": ("memory.max", "memory.swap.max", "pids.max"),
    "memory": ("memory.limit_in_bytes",),
    "pids": ("pids.max",),
}
_GONE = 2.0  # seconds
_ENTER = 'while [ "$1" != -- ]; do echo $$ > "$1" || exit 125; shift; done; shift; exec "$@"'


class ControlGroup:
    """The folders of one jail's group; none where there is no group."""

    def __init__(self, memory_mib: int = MEMORY_MIB, processes: int = PROCESSES) -> None:
        limits = {"pids.max": processes, "memory.swap.max": 0}
        self.folders: list[Path] = []
        for controller, parent in _parents():
            folder = parent / f"{_PREFIX}-{os.getpid()}-{secrets.token_hex(4)}"
            folder.mkdir()
            self.folders.append(folder)
            for name in _FILES[controller]:
                with suppress(FileNotFoundError):  # a kernel that does not account swap has no limit of it
                    (folder / name).write_text(str(limits.get(name, memory_mib << 20)))

    def enter(self) -> list[str]:
        """The command that joins the group and then becomes what follows: before its first fork."""
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
        """Remove the group, when the last of its killed processes is gone."""
        deadline = monotonic() + _GONE
        while self.folders:
            try:
                self.folders[-1].rmdir()
                self.folders.pop()
            except OSError:
                if monotonic() > deadline:
                    return  # removed by another process, when this one is gone
                sleep(0.002)


def available() -> str:
    """v2, v1 or none."""
    controllers = [controller for controller, _ in _parents()]
    return "none" if not controllers else "v2" if controllers == ["v2"] else "v1"


@cache
def _parents() -> tuple[tuple[str, Path], ...]:
    """Controllers with the folder in which groups can be made; what dead processes left there is removed."""
    found = []
    for controller, parent in _own_groups():
        if not os.access(parent, os.W_OK) or not _holds(controller, parent):
            return ()
        for left in parent.glob(f"{_PREFIX}-*"):
            if not pid_exists(int(left.name.split("-")[2])):
                with suppress(OSError):
                    left.rmdir()
        found.append((controller, parent))
    return tuple(found)


def _own_groups() -> Iterator[tuple[str, Path]]:
    """Where this process is, by controller."""
    try:
        lines = [line.split(":", 2) for line in Path("/proc/self/cgroup").read_text().splitlines()]
    except OSError:
        return
    own = {controller: path for _, names, path in lines for controller in names.split(",")}
    if (_MOUNT / "cgroup.controllers").exists():
        yield "v2", Path(f"{_MOUNT}{own.get('', '/')}")
    else:
        for controller in ("memory", "pids"):
            if controller in own:
                yield controller, Path(f"{_MOUNT}/{controller}{own[controller]}")


def _holds(controller: str, parent: Path) -> bool:
    """Whether a group made in ``parent`` really can be limited: a probe is made, and removed."""
    probe = parent / f"{_PREFIX}-{os.getpid()}-probe"
    try:
        probe.mkdir()
    except OSError:
        return False
    try:
        return all((probe / name).exists() for name in _FILES[controller] if "swap" not in name)
    finally:
        probe.rmdir()
