"""The system calls that an untrusted program may make, as a seccomp filter.

Each call has one of three answers: allowed; EPERM for calls that an honest program can try; and death
(SIGSYS, judged SECURITY) for calls that no honest program makes. It is needed beside the namespaces, since
vsock, keyrings, io_uring and inode locks belong to none. The groups follow ioi/isolate 2.4-2.6.
"""

import ctypes
import errno
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any, TypeAlias

from astraios_ray.errors import SandboxUnavailable

ALLOWED = tuple(
    str.split("""
read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 close close_range lseek mmap munmap
mremap mprotect madvise brk msync mincore fstat stat lstat newfstatat statx access faccessat faccessat2
readlink readlinkat getcwd chdir fchdir open openat creat unlink unlinkat rename renameat renameat2 mkdir
mkdirat rmdir link linkat symlink symlinkat ftruncate truncate fallocate fsync fdatasync umask chmod fchmod
fchmodat utimensat utime utimes getdents getdents64 statfs fstatfs fadvise64 copy_file_range sendfile dup dup2
dup3 pipe pipe2 poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait
epoll_pwait2 eventfd eventfd2 timerfd_create timerfd_settime timerfd_gettime sendto recvfrom sendmsg recvmsg
shutdown getsockopt setsockopt getsockname getpeername rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending
rt_sigtimedwait rt_sigsuspend rt_sigqueueinfo sigaltstack kill tgkill tkill pause getpid getppid gettid getuid
geteuid getgid getegid getgroups getpgrp getpgid setpgid getsid setsid getresuid getresgid getrusage times
gettimeofday clock_gettime clock_getres clock_nanosleep nanosleep time alarm getitimer setitimer timer_create
timer_settime timer_gettime timer_getoverrun timer_delete futex futex_waitv set_robust_list get_robust_list
set_tid_address arch_prctl exit exit_group wait4 waitid sched_yield sched_getaffinity sched_setaffinity
sched_getparam sched_getscheduler sched_setscheduler sched_get_priority_max sched_get_priority_min
sched_rr_get_interval getpriority setpriority sysinfo uname getrandom rseq membarrier prlimit64 getrlimit
setrlimit getcpu restart_syscall get_mempolicy
""")
)

DEADLY = tuple(
    str.split("""
ptrace process_vm_readv process_vm_writev pidfd_getfd bpf mount umount2 pivot_root chroot setns unshare
init_module finit_module delete_module kexec_load kexec_file_load open_by_handle_at io_uring_setup
io_uring_enter io_uring_register keyctl add_key request_key userfaultfd perf_event_open reboot swapon swapoff
acct quotactl settimeofday clock_settime open_tree move_mount fsopen fsconfig fsmount mount_setattr kcmp iopl
ioperm lookup_dcookie process_madvise syslog
""")
)

_CLONE_THREAD = 0x10000
_CLONE_NEW = 0x7E020080  # all CLONE_NEW* flags, which make namespaces
ArgumentRule: TypeAlias = tuple[str, tuple[tuple[int, tuple[int, ...]], ...]]
"""A system call, and the index and the allowed values of each argument that is checked."""

ARGUMENTS: tuple[ArgumentRule, ...] = (
    ("fcntl", ((1, (0, 1, 2, 3, 4, 1030, 1031, 1032, 1033, 1034)),)),  # no locks, no leases: side channels
    ("ioctl", ((1, (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)),)),  # of terminals only queries
    ("prctl", ((0, (3, 4, 15, 16, 21, 23, 38, 39, 47, 0x53564D41)),)),  # names, dumpable, capabilities
    ("socketpair", ((0, (1,)),)),  # AF_UNIX, for asyncio; socket() is refused for every family
)
MORE = (  # filter, and its calls beside ALLOWED
    ("function", ()),  # threads, but no process, program or connection
    ("program", ("execve", "execveat")),  # become another program of its jail
    ("compiler", ("execve", "execveat", "fork", "vfork")),  # trusted programs over an untrusted source
)


@dataclass(frozen=True)
class SystemCalls:
    """The system calls that are allowed and those that are deadly; all others give EPERM."""

    allowed: tuple[str, ...] = ALLOWED
    deadly: tuple[str, ...] = DEADLY
    arguments: tuple[ArgumentRule, ...] = ARGUMENTS
    more: tuple[tuple[str, tuple[str, ...]], ...] = MORE
    absent: tuple[str, ...] = (
        "clone3",
    )  # its flags are in memory, which no filter reads; libc falls back to clone
    refused_clone: int = _CLONE_NEW  # flags of clone that are refused
    foreign: str = "KILL_PROCESS"  # the answer to calls of another architecture, whose numbers differ


DEFAULT_CALLS = SystemCalls()


@cache
def filters(calls: SystemCalls) -> Mapping[str, bytes]:
    """The instructions of each filter by name. Raises SandboxUnavailable when libseccomp is missing."""
    return {name: _filter(calls, more) for name, more in calls.more}


def _filter(calls: SystemCalls, more: tuple[str, ...]) -> bytes:
    library = libseccomp()
    rules = library.SyscallFilter(library.ERRNO(errno.EPERM))
    rules.set_attr(library.Attr.ACT_BADARCH, getattr(library, calls.foreign))
    rules.set_attr(
        library.Attr.CTL_OPTIMIZE, 2
    )  # a binary tree, since the kernel runs the filter for every call
    for name in _existing(library, (*calls.allowed, *more)):
        rules.add_rule(library.ALLOW, name)
    for name in _existing(library, calls.deadly):
        rules.add_rule(library.KILL_PROCESS, name)
    for name, conditions in calls.arguments:
        indices, allowed_values = zip(*conditions, strict=True)
        for values in product(*allowed_values):
            equal = [library.Arg(i, library.EQ, v) for i, v in zip(indices, values, strict=True)]
            rules.add_rule(library.ALLOW, name, *equal)
    for name in calls.absent:
        rules.add_rule(library.ERRNO(errno.ENOSYS), name)
    forks = "fork" in (*calls.allowed, *more)
    mask = calls.refused_clone if forks else calls.refused_clone | _CLONE_THREAD
    clone_flags = 0 if forks else _CLONE_THREAD
    rules.add_rule(library.ALLOW, "clone", library.Arg(0, library.MASKED_EQ, mask, clone_flags))
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


def libseccomp() -> Any:
    """The module pyseccomp with its library. Raises SandboxUnavailable, which names what is missing."""
    try:
        import pyseccomp  # imported here, since that fails without libseccomp
    except ImportError as error:
        raise SandboxUnavailable(
            f"The Python package pyseccomp cannot be imported ({error}): `pip install pyseccomp`."
        ) from error
    except RuntimeError as error:
        raise SandboxUnavailable(
            "The library libseccomp is missing: `apt-get install libseccomp2`."
        ) from error
    return pyseccomp


def libseccomp_version() -> str:
    """The version of the loaded libseccomp, as "2.5.4"."""
    function = ctypes.CDLL("libseccomp.so.2").seccomp_version
    function.restype = ctypes.POINTER(ctypes.c_uint * 3)
    major, minor, micro = function().contents
    return f"{major}.{minor}.{micro}"


def _existing(library: Any, names: tuple[str, ...]) -> list[str]:
    """The names that this libseccomp and processor know; all other calls stay refused with EPERM."""

    def exists(name: str) -> bool:
        try:
            return bool(library.resolve_syscall(library.Arch.NATIVE, name) != -1)
        except ValueError:
            return False

    return [name for name in names if exists(name)]
