"""Steps by which a forked child of the zygote gives up its rights for good.

A step is a function and its arguments. The zygote makes the steps before it forks: a child pays a page fault
for nearly every object that it touches, since the object's memory is the zygote's until then.
"""

import ctypes
import os
import platform
import resource
import signal
import struct
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

Step: TypeAlias = tuple[Callable[..., int | None], tuple[Any, ...]]

_libc = ctypes.CDLL(None, use_errno=True)
_before_fork = ctypes.pythonapi.PyOS_BeforeFork
_after_fork_in_child = ctypes.pythonapi.PyOS_AfterFork_Child
_after_fork_in_parent = ctypes.pythonapi.PyOS_AfterFork_Parent

_CLONE = {"x86_64": 56, "aarch64": 220}  # system call numbers; libc has no fork with flags
_MS_REC, _MS_PRIVATE = 0x4000, 0x40000
_PR_SET_SECCOMP, _PR_CAPBSET_DROP, _PR_SET_SECUREBITS, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = (
    22,
    24,
    28,
    38,
    47,
)
_PR_SET_PDEATHSIG = 1
_SECCOMP_MODE_FILTER, _PR_CAP_AMBIENT_CLEAR_ALL = 2, 4
_NO_ROOT_LOCKED = 0x2F  # uid 0 gets no capabilities, locked
_CAPABILITY_VERSION_3 = 0x20080522

# The walls by name. The functions below skip the walls that they do not get, so that a test can see what gets
# through without one.
NAMESPACES = {
    "mounts": 0x00020000,
    "host name": 0x04000000,
    "IPC": 0x08000000,
    "processes": 0x20000000,
}
TMP = {"nosuid": 2, "nodev": 4, "noexec": 8}  # flags of the mount of /tmp
TMP_OPTIONS = {"size": "size={size}", "nr_inodes": "nr_inodes=1024"}
PRIVILEGES = ("bounding set", "ambient set", "securebits", "capabilities", "no_new_privs")
LIMITS = {
    "core": resource.RLIMIT_CORE,
    "memlock": resource.RLIMIT_MEMLOCK,
    "msgqueue": resource.RLIMIT_MSGQUEUE,
    "nofile": resource.RLIMIT_NOFILE,
    "nproc": resource.RLIMIT_NPROC,
    "fsize": resource.RLIMIT_FSIZE,
    "stack": resource.RLIMIT_STACK,
    "as": resource.RLIMIT_AS,
    "cpu": resource.RLIMIT_CPU,
}
ALL = (
    *("session", "own /tmp", "descriptors", "system calls"),
    *(*NAMESPACES, *TMP, *TMP_OPTIONS, *PRIVILEGES, *LIMITS),
)


def supported_machine() -> bool:
    """Whether the system call numbers of this processor are known."""
    return platform.machine() in _CLONE


def fork_into_namespaces(walls: Collection[str]) -> int:
    """Like os.fork, with new namespaces of processes, mounts, IPC and host name; the child is process 1."""
    flags = sum(flag for name, flag in NAMESPACES.items() if name in walls) | signal.SIGCHLD
    _before_fork()  # takes the import lock, which Python 3.13 expects to be taken afterwards
    child = _libc.syscall(_CLONE[platform.machine()], flags, 0, 0, 0, 0)
    if child == 0:
        _after_fork_in_child()
    else:
        _after_fork_in_parent()
    return _checked(child, "clone")


def detach_mounts(walls: Collection[str]) -> None:
    """Hide later mounts from every other namespace, bubblewrap's or a forked one."""
    if "mounts" in walls:
        _checked(_libc.unshare(NAMESPACES["mounts"]), "have mounts of its own")
    if "own /tmp" in walls:
        _checked(_libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None), "make mounts private")


def take(steps: Iterable[Step]) -> None:
    """Call each function. Raises OSError when one fails."""
    for function, arguments in steps:
        if (function(*arguments) or 0) < 0:
            raise _last_error(function.__name__)


def private_tmp(walls: Collection[str], disk_mib: int) -> Iterator[Step]:
    """Mount an empty private /tmp, bounded in bytes and in files, where nothing can be executed."""
    if "own /tmp" in walls:
        options = ["mode=1777", *(text for name, text in TMP_OPTIONS.items() if name in walls)]
        data = ",".join(options).format(size=disk_mib << 20).encode()
        flags = sum(flag for name, flag in TMP.items() if name in walls)
        yield _libc.mount, (b"tmpfs", b"/tmp", b"tmpfs", flags, data)
    yield os.chdir, ("/tmp",)


def renounce_privileges(walls: Collection[str]) -> None:
    """Give up every way to get a capability back, through uid 0 or a set-uid program."""
    capability = 0
    while "bounding set" in walls and _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) == 0:
        capability += 1
    if "ambient set" in walls:
        cleared = _libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
        _checked(cleared, "clear ambient capabilities")
    if "securebits" in walls:
        _checked(_libc.prctl(_PR_SET_SECUREBITS, _NO_ROOT_LOCKED, 0, 0, 0), "lock securebits")
    if "no_new_privs" in walls:
        no_new_privileges()


def no_capabilities(walls: Collection[str]) -> Iterator[Step]:
    """Give up all capabilities of this process."""
    if "capabilities" in walls:
        header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
        yield _libc.capset, (header, bytes(24))


def no_new_privileges() -> None:
    """Let set-uid programs give no rights from here on, as a filter and Landlock require."""
    _checked(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "set no_new_privs")


def death_with_parent() -> Step:
    """Let the kernel kill this process when its parent ends."""
    return _libc.prctl, (_PR_SET_PDEATHSIG, signal.SIGKILL.value, 0, 0, 0)


def keep_only(descriptors: list[int], *, close: bool = True) -> list[int]:
    """Move ``descriptors`` to 3, 4, …, put /dev/null on 0, 1 and 2, and ``close`` all others."""
    high = [os.dup2(descriptor, 100 + place) for place, descriptor in enumerate(descriptors)]
    null = os.open("/dev/null", os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    moved = [os.dup2(descriptor, 3 + place) for place, descriptor in enumerate(high)]
    if close:
        os.closerange(3 + len(moved), 65536)
    return moved


def resource_limits(walls: Collection[str], limits: Mapping[str, int]) -> Iterator[Step]:
    """Set hard limits of the kernel, which a process without capabilities cannot raise again."""
    mib = 1 << 20
    hard = {
        "core": 0,
        "memlock": 0,
        "msgqueue": 0,
        "nofile": limits["files"],
        "nproc": limits["processes"],
        "fsize": limits["file_mib"] * mib,
        "stack": min(64, limits["memory_mib"]) * mib,
        "as": limits["memory_mib"] * mib,
        "cpu": limits[
            "cpu_seconds"
        ],  # SIGKILL at once, since a program can ignore SIGXCPU of a lower soft limit
    }
    for name, kind in LIMITS.items():
        if name in walls:
            yield resource.setrlimit, (kind, (hard[name], hard[name]))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


class Filter:
    """A seccomp filter in the kernel's layout, made once for all processes."""

    def __init__(self, instructions: bytes) -> None:
        self._buffer = ctypes.create_string_buffer(instructions, len(instructions))  # 8 bytes an instruction
        program = _Program(len(instructions) // 8, ctypes.cast(self._buffer, ctypes.c_void_p))
        self.program = ctypes.byref(program)


def system_call_filter(walls: Collection[str], system_calls: Filter) -> Iterator[Step]:
    """Load a seccomp filter, which holds for every thread from here on."""
    if "system calls" in walls:
        yield _libc.prctl, (_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, system_calls.program, 0, 0)


def _checked(result: int, operation: str) -> int:
    if result < 0:
        raise _last_error(operation)
    return result


def _last_error(operation: str) -> OSError:
    code = ctypes.get_errno()
    return OSError(code, f"{operation}: {os.strerror(code)}")
