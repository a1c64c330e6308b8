"""How a forked child of the zygote gives up what it could do, step by step and for good."""

import ctypes
import os
import platform
import resource
import signal
import struct
from collections.abc import Mapping

_libc = ctypes.CDLL(None, use_errno=True)

_CLONE = {"x86_64": 56, "aarch64": 220}  # system call numbers; libc has no fork with flags
_NEW_MOUNTS, _NEW_UTS, _NEW_IPC, _NEW_PIDS = 0x00020000, 0x04000000, 0x08000000, 0x20000000
_MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_REC, _MS_PRIVATE = 2, 4, 8, 0x4000, 0x40000
_PR_SET_SECCOMP, _PR_CAPBSET_DROP, _PR_SET_SECUREBITS, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = (
    22,
    24,
    28,
    38,
    47,
)
_SECCOMP_MODE_FILTER, _PR_CAP_AMBIENT_CLEAR_ALL = 2, 4
_NO_ROOT_LOCKED = 0x2F  # uid 0 gets no capabilities, and none of this can be undone
_CAPABILITY_VERSION_3 = 0x20080522


def supported_machine() -> bool:
    """Whether the system call numbers of this processor are known."""
    return platform.machine() in _CLONE


def fork_into_namespaces() -> int:
    """Like os.fork, with process ids, mounts, IPC and host name of its own. The child is process 1 there."""
    flags = _NEW_MOUNTS | _NEW_UTS | _NEW_IPC | _NEW_PIDS | signal.SIGCHLD
    child = _checked(_libc.syscall(_CLONE[platform.machine()], flags, 0, 0, 0, 0), "clone")
    if child == 0:
        ctypes.pythonapi.PyOS_AfterFork_Child()
    return child


def mount_private_tmp(disk_mib: int) -> None:
    """An empty /tmp of its own, bounded in bytes and in files, where nothing can be executed."""
    _checked(_libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None), "make mounts private")
    options = f"mode=1777,size={disk_mib << 20},nr_inodes=1024".encode()
    flags = _MS_NOSUID | _MS_NODEV | _MS_NOEXEC
    _checked(_libc.mount(b"tmpfs", b"/tmp", b"tmpfs", flags, options), "mount /tmp")
    os.chdir("/tmp")


def drop_capabilities() -> None:
    """Give up every capability, and the way to get one back through uid 0 or a set-uid program."""
    capability = 0
    while _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) == 0:
        capability += 1
    _checked(_libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), "clear ambient capabilities")
    _checked(_libc.prctl(_PR_SET_SECUREBITS, _NO_ROOT_LOCKED, 0, 0, 0), "lock securebits")
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    _checked(_libc.capset(header, bytes(24)), "drop capabilities")
    _checked(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "set no_new_privs")


def keep_only(descriptors: list[int]) -> list[int]:
    """Move ``descriptors`` to 3, 4, …, put /dev/null on 0, 1 and 2, and close all others."""
    high = [os.dup2(descriptor, 100 + place) for place, descriptor in enumerate(descriptors)]
    null = os.open("/dev/null", os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    kept = [os.dup2(descriptor, 3 + place) for place, descriptor in enumerate(high)]
    os.closerange(3 + len(kept), 65536)
    return kept


def limit_resources(limits: Mapping[str, int]) -> None:
    """Hard limits of the kernel; a process without capabilities cannot raise them again."""
    mib = 1 << 20
    hard = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_NOFILE: limits["files"],
        resource.RLIMIT_NPROC: limits["processes"],
        resource.RLIMIT_FSIZE: limits["file_mib"] * mib,
        resource.RLIMIT_STACK: min(64, limits["memory_mib"]) * mib,
        resource.RLIMIT_AS: limits["memory_mib"] * mib,
    }
    for kind, value in hard.items():
        resource.setrlimit(kind, (value, value))
    # the soft limit is a signal that a program may ignore, one second later it is killed
    resource.setrlimit(resource.RLIMIT_CPU, (limits["cpu_seconds"], limits["cpu_seconds"] + 1))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def filter_system_calls(instructions: bytes) -> None:
    """Load a seccomp filter, 8 bytes an instruction. It holds from here on, for every thread."""
    buffer = ctypes.create_string_buffer(instructions, len(instructions))
    program = _Program(len(instructions) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    _checked(
        _libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0),
        "load the seccomp filter",
    )


def _checked(result: int, what: str) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result
