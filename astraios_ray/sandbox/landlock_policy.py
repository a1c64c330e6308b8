"""The walls of levels 2 and 1, where a program shares the processes and files of the machine.

At level 3 a call that takes the number of a process or the path of a file finds none but the program's own.
Here it finds those of the machine. Landlock refuses to open, make and remove files, to signal and to trace
processes. It refuses none of these, so the filter does:

* the modes and times of files
* the limits, scheduler, priority, session and group of a process: only 0, the caller itself, is allowed
* datagrams, since ``sendmsg`` on a pair of datagram sockets takes the address of any other socket
* larger pipes, whose memory is counted for all processes of a user together
"""

from dataclasses import replace

from astraios_ray.sandbox.jail import confine, landlock
from astraios_ray.sandbox.policy import Policy
from astraios_ray.sandbox.seccomp import ARGUMENTS, DEFAULT_CALLS, ArgumentRule

REFUSED = {
    "file modes": "chmod fchmod fchmodat",
    "file times": "utime utimes utimensat",
    "priority": "setpriority",
}
OF_A_PROCESS = (  # their first argument is the number of a process
    *("prlimit64", "getpgid", "getsid", "get_robust_list"),
    *("sched_getaffinity", "sched_setaffinity", "sched_getparam", "sched_getscheduler"),
    *("sched_setscheduler", "sched_rr_get_interval"),
)
_STREAM = (1, 0x801, 0x80001, 0x80801)  # SOCK_STREAM, also non-blocking and closed by exec
_ONLY_HERE: tuple[ArgumentRule, ...] = (
    *((name, ((0, (0,)),)) for name in OF_A_PROCESS),
    ("getpriority", ((1, (0,)),)),
    ("fcntl", ((1, (0, 1, 2, 3, 4, 1030, 1032, 1033, 1034)),)),
    ("socketpair", ((0, (1,)), (1, _STREAM))),
)
_RESTRICTED = {*" ".join(REFUSED.values()).split(), *(name for name, _ in _ONLY_HERE)}
_CALLS = replace(
    DEFAULT_CALLS,
    allowed=tuple(name for name in DEFAULT_CALLS.allowed if name not in _RESTRICTED),
    arguments=(*(rule for rule in ARGUMENTS if rule[0] not in _RESTRICTED), *_ONLY_HERE),
)
# no limit of processes: the kernel counts those of the user on the whole machine
_LIMITS = tuple(name for name in confine.LIMITS if name != "nproc")

POLICIES = {
    2: Policy(confinement=("descriptors", "system calls", *landlock.WALLS, *_LIMITS), calls=_CALLS),
    1: Policy(confinement=("descriptors", *_LIMITS)),
}
