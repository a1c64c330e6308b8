"""What a program can try at level 2 on the machine that it shares, and the wall that stops each attempt.

A wall is a name of the level's confinement; ``calls:`` are system calls that the level refuses,
``arguments:`` one call with any arguments. Partners are other walls that stop the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from astraios_ray.sandbox.jail import landlock
from astraios_ray.sandbox.landlock_policy import POLICIES, REFUSED
from astraios_ray.sandbox.policy import Policy
from astraios_ray.sandbox.protocol import FunctionCheck
from tests.sandbox.mutations import without
from tests.sandbox.suite import numbered

SHARED = POLICIES[2]


@dataclass(frozen=True)
class Attempt:
    """Statements that raise OSError where ``wall`` or one of its ``partners`` stands."""

    name: str
    wall: str
    statements: str
    partners: tuple[str, ...] = ()

    def check(self, targets: Mapping[str, object]) -> FunctionCheck:
        """A check that passes when the attempt succeeds. ``targets`` are names in the statements."""
        names = "".join(f"{name} = {value!r}\n" for name, value in targets.items())
        source = f"{_TOOLS}{names}def f():\n    {self.statements}\n    return 'done'\n"
        return FunctionCheck(numbered(source), "f", "assert f() == 'done'")

    def __str__(self) -> str:
        return self.name


_TOOLS = """
import ctypes, fcntl, os, resource, socket
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    if libc.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), number)
"""
_SOCKETS = ("calls: sockets",)
_PAIR = "pair = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM); "

A = Attempt
ATTEMPTS = (
    # --- Landlock
    A("read a file", "files", "open(FILE).read()"),
    A("write a file", "files", "open(FILE, 'a').close()"),
    A("empty a file", "files", "os.truncate(FILE, 0)"),
    A("make a file", "files", "open(FOLDER + '/new', 'x').close()"),
    A("make a file without a name", "files", "os.open(FOLDER, os.O_TMPFILE | os.O_RDWR)"),
    A("make a folder", "files", "os.mkdir(FOLDER + '/folder')"),
    A("remove a file", "files", "os.remove(FOLDER + '/spare')"),
    A("rename a file", "files", "os.rename(FOLDER + '/old', FOLDER + '/older')"),
    A("give a file a second name", "files", "os.link(FILE, FOLDER + '/link')"),
    A("make a symbolic link", "files", "os.symlink('/', FOLDER + '/symlink')"),
    A("list processes", "files", "os.listdir('/proc')"),
    A("read its own memory by file", "files", "open('/proc/self/mem', 'rb')"),
    A("signal a process", "signals", "os.kill(VICTIM, 0)"),
    A("signal a thread", "signals", "call(NR_tgkill, VICTIM, VICTIM, 0)"),
    A("queue a signal", "signals", "call(NR_rt_sigqueueinfo, VICTIM, 0, b'\\0' * 8 + b'\\xff' * 120)"),
    A("signal its parent", "signals", "os.kill(os.getppid(), 0)"),
    A("connect to a port", "TCP", "socket.create_connection(('127.0.0.1', PORT), 5)", _SOCKETS),
    A("listen", "TCP", "socket.create_server(('127.0.0.1', 0))", _SOCKETS),
    A(
        "connect to an abstract name",
        "abstract sockets",
        "socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).connect('\\0' + NAME)",
        _SOCKETS,
    ),
    # --- the filter of level 2: files
    A("change a mode", "calls: file modes", "os.chmod(FILE, 0o600)"),
    A("change a mode in a folder", "calls: file modes", "call(NR_fchmodat, -100, FILE.encode(), 0o640)"),
    A("change the mode of what is open", "calls: file modes", "os.fchmod(os.pipe()[0], 0o600)"),
    A("change times", "calls: file times", "os.utime(FILE, (1, 1))"),
    A("change times by a second", "calls: file times", "call(NR_utimes, FILE.encode(), None)"),
    A("change the times of a device", "calls: file times", "os.utime('/dev/null')"),
    # --- processes
    A("lower a priority", "calls: priority", "os.setpriority(os.PRIO_PROCESS, VICTIM, 19)"),
    A("lower the priority of a group", "calls: priority", "os.setpriority(os.PRIO_PGRP, VICTIM, 19)"),
    A("limit a process", "arguments: prlimit64", "resource.prlimit(VICTIM, resource.RLIMIT_NOFILE, (9, 9))"),
    A("read limits", "arguments: prlimit64", "resource.prlimit(VICTIM, resource.RLIMIT_NOFILE)"),
    A("keep a process on one core", "arguments: sched_setaffinity", "os.sched_setaffinity(VICTIM, [CORE])"),
    A(
        "change a scheduler",
        "arguments: sched_setscheduler",
        "os.sched_setscheduler(VICTIM, os.SCHED_IDLE, os.sched_param(0))",
    ),
    A("read a scheduler", "arguments: sched_getscheduler", "os.sched_getscheduler(VICTIM)"),
    A("read cores", "arguments: sched_getaffinity", "os.sched_getaffinity(VICTIM)"),
    A("read parameters", "arguments: sched_getparam", "os.sched_getparam(VICTIM)"),
    A("read a time slice", "arguments: sched_rr_get_interval", "os.sched_rr_get_interval(VICTIM)"),
    A("read a priority", "arguments: getpriority", "os.getpriority(os.PRIO_PROCESS, VICTIM)"),
    A("read a session", "arguments: getsid", "os.getsid(VICTIM)"),
    A("read a group", "arguments: getpgid", "os.getpgid(VICTIM)"),
    A(
        "read addresses",
        "arguments: get_robust_list",
        "call(NR_get_robust_list, VICTIM, ctypes.byref(ctypes.c_void_p()), ctypes.byref(ctypes.c_size_t()))",
        landlock.WALLS,  # each of them stops the tracing of processes
    ),
    # --- what is counted or named for the whole machine
    A("send a datagram to a path", "arguments: socketpair", f"{_PAIR}pair[0].sendto(b'x', SOCKET)"),
    A("send a message to a path", "arguments: socketpair", f"{_PAIR}pair[0].sendmsg([b'x'], [], 0, SOCKET)"),
    A(
        "send a datagram to an abstract name",
        "arguments: socketpair",
        f"{_PAIR}pair[0].sendto(b'x', '\\0' + NAME)",
        ("abstract sockets",),
    ),
    A("fill the pipes of a user", "arguments: fcntl", "fcntl.fcntl(os.pipe()[1], 1031, 1 << 20)"),
)


def opened(*walls: str) -> Policy:
    """The policy of level 2 without these walls. Raises ValueError for an unknown name."""
    groups = {f"calls: {name}": names for name, names in REFUSED.items()}
    calls = SHARED.calls
    allowed = (name for wall in walls for name in groups.get(wall, "").split())
    open_to_all = replace(SHARED, calls=replace(calls, allowed=(*calls.allowed, *allowed)))
    return without(*(wall for wall in walls if wall not in groups), policy=open_to_all)
