"""Every wall of the policy, and the hostile program that gets through without it.

A wall is named as bwrap, prlimit and jail/confine.py name it; ``calls:`` are groups of system calls that are
then allowed, ``arguments:`` one call with any arguments. When other walls hold as well, they are removed with
it as its partners: then something must get through. When nothing inside can tell, the reason is given.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from astraios_ray.sandbox.policy import DEFAULT, Options, Policy
from astraios_ray.sandbox.seccomp import SystemCalls

DEADLY = {  # every deadly call is in one of these
    "processes": "ptrace process_vm_readv process_vm_writev pidfd_getfd kcmp process_madvise",
    "namespaces": "setns unshare",
    "mounts": "mount umount2 pivot_root chroot open_tree move_mount fsopen fsconfig fsmount mount_setattr",
    "handles": "open_by_handle_at",
    "keys": "keyctl add_key request_key",
    "io_uring": "io_uring_setup io_uring_enter io_uring_register",
    "bpf": "bpf",
    "perf": "perf_event_open lookup_dcookie",
    "page faults": "userfaultfd",
    "modules": "init_module finit_module delete_module kexec_load kexec_file_load",
    "hardware": "iopl ioperm reboot syslog",
    "accounts": "swapon swapoff acct quotactl",
    "clock": "settimeofday clock_settime",
}
REFUSED = {  # calls that are on no list, and so fail with EPERM
    "sockets": "socket bind listen connect accept accept4",
    "fork": "fork vfork",
    "exec": "execve execveat",
    "memfd": "memfd_create",
    "locks": "flock",
    "System V": "shmget shmat shmctl semget semctl semop",
    "message queues": "mq_open mq_unlink",
    "users": "setuid setgid setgroups",
    "host name": "sethostname",
    "watches": "inotify_init inotify_init1 inotify_add_watch",
    "process handles": "pidfd_open",
    "personality": "personality",
    "filters": "seccomp",
}
REFUSES = "the jail does not start"


@dataclass(frozen=True)
class Mutation:
    """The programs that get through without ``wall`` and without its ``partners``.

    ``red`` holds names of Python functions that run one after another, of which the last breaks its contract;
    or REFUSES; or nothing, with the ``reason``.
    """

    wall: str
    red: str = ""
    partners: tuple[str, ...] = ()
    reason: str = ""

    def __str__(self) -> str:
        return self.wall


M = Mutation
MUTATIONS = (
    # --- bwrap
    M("--unshare-user", REFUSES),
    M("--uid 0", "who_am_i"),
    M("--gid 0", "who_am_i"),
    M("--disable-userns", "root_again", ("calls: namespaces",)),
    M(
        "--cap-drop ALL",
        reason="bwrap itself keeps none but those of --cap-add when it is not started as root",
    ),
    M("--cap-add CAP_SYS_ADMIN", REFUSES),
    M("--cap-add CAP_SETPCAP", REFUSES),
    M("--unshare-ipc", "shared_memory", ("IPC", "calls: System V")),
    M("--unshare-pid", "find_other_processes", ("processes",)),
    M("--unshare-net", "connect_to_loopback", ("calls: sockets",)),
    M("--unshare-uts", REFUSES),
    M("--unshare-cgroup-try", reason="neither /proc nor /sys is there to tell the paths of control groups"),
    M("--hostname box", "host_name"),
    M("--die-with-parent", reason="nothing inside can tell: test_mutations.py kills a supervisor"),
    M(
        "--new-session",
        reason="each process is in a session of its own, without a terminal, before and after",
    ),
    M("--clearenv", reason="bwrap itself is started with no environment but this one"),
    M("--remount-ro /dev", "write_to_dev"),
    M("--remount-ro /", "write_to_the_root"),
    # --- prlimit around the jail
    M("--core=0", "raise_own_limits", ("core",)),
    M("--memlock=0", "lock_memory", ("memlock",)),
    M("--msgqueue=0", "message_queue", ("msgqueue", "calls: message queues")),
    M("--nofile=256", "open_descriptors_without_end", ("nofile",)),
    # --- what each process gives up
    M("session", reason="see --new-session"),
    M("own /tmp", "leave_something find_what_was_left"),
    M("descriptors", "descriptors_of_others"),
    M("system calls", "ptrace"),
    M("mounts", REFUSES),
    M("host name", "name_the_machine host_name", ("capabilities", "calls: host name", "--disable-userns")),
    M("IPC", "shared_memory", ("--unshare-ipc", "calls: System V")),
    M("processes", "find_other_processes"),
    M("nosuid", reason="no_new_privs: a set-user program gives nothing, and nothing can be run from there"),
    M("nodev", reason="nobody without a capability over the whole machine can make a device node"),
    M("noexec", "native_code_from_tmp"),
    M("size", "fill_the_disk"),
    M("nr_inodes", "fill_the_inodes"),
    M("bounding set", "capabilities_within_reach"),
    M("ambient set", reason="it is empty when bwrap runs the zygote as root of its namespace"),
    M("securebits", reason="they matter when root runs a program with no_new_privs unset, and bwrap sets it"),
    M("capabilities", "mount_over_tmp", ("calls: mounts",)),
    M("no_new_privs", reason="bwrap has set it already, and it cannot be unset"),
    M("core", "raise_own_limits", ("--core=0",)),
    M("memlock", "lock_memory", ("--memlock=0",)),
    M("msgqueue", "message_queue", ("--msgqueue=0", "calls: message queues")),
    M("nofile", "open_descriptors_without_end"),
    M("nproc", "thirty_threads"),
    M("fsize", "one_huge_file"),
    M("stack", "raise_own_limits"),
    M("as", "memory_in_one_piece"),
    M("cpu", "raise_own_limits"),
    # --- system calls
    M("calls: processes", "ptrace"),
    M("calls: namespaces", "unshare"),
    M("calls: mounts", "mount"),
    M("calls: handles", "open_by_handle"),
    M("calls: keys", "keyring"),
    M("calls: io_uring", "io_uring"),
    M("calls: bpf", "bpf"),
    M("calls: perf", "perf"),
    M("calls: page faults", "userfaultfd"),
    M("calls: modules", "kernel_module"),
    M("calls: hardware", "reboot"),
    M("calls: accounts", "process_accounting"),
    M("calls: clock", "set_the_clock"),
    M("calls: sockets", "listen"),
    M("calls: fork", "fork"),
    M("calls: exec", "exec_python"),
    M("calls: memfd", "exec_from_memory"),
    M("calls: locks", "lock_a_shared_file"),
    M("calls: System V", "semaphores"),
    M("calls: message queues", "message_queue", ("msgqueue", "--msgqueue=0")),
    M("calls: users", "become_another_user"),
    M("calls: host name", "name_the_machine", ("capabilities",)),
    M("calls: watches", "watch_a_folder"),
    M("calls: process handles", "pidfd_of_the_first"),
    M("calls: personality", "personality"),
    M("calls: filters", "own_filter"),
    M("arguments: fcntl", "lock_a_range"),
    M("arguments: ioctl", "strange_ioctl"),
    M("arguments: prctl", "strange_prctl"),
    M("arguments: socketpair", "pair_of_another_family"),
    M("clone3", "clone3"),
    M("flags of clone", "clone_into_a_user_namespace", ("calls: fork", "--disable-userns")),
    M("foreign architectures", "calls_of_32_bit"),
)


def walls(policy: Policy = DEFAULT) -> Iterator[str]:
    """The names of all walls."""
    yield from (" ".join(option) for option in (*policy.walls, *policy.seals))
    yield from (*policy.outer_limits, *policy.confinement)
    yield from (f"calls: {name}" for name in (*DEADLY, *REFUSED))
    yield from (f"arguments: {name}" for name, _ in policy.calls.arguments)
    yield from (*policy.calls.absent, "flags of clone", "foreign architectures")


def without(*names: str, policy: Policy = DEFAULT) -> Policy:
    """The policy without these walls. Raises ValueError for an unknown name."""
    unknown = set(names) - set(walls(policy))
    if unknown:
        raise ValueError(f"{unknown}: no wall of the policy")
    return replace(
        policy,
        walls=_remaining(policy.walls, names),
        seals=_remaining(policy.seals, names),
        outer_limits=tuple(name for name in policy.outer_limits if name not in names),
        confinement=tuple(name for name in policy.confinement if name not in names),
        calls=_calls(policy.calls, names),
    )


def _remaining(options: Options, names: tuple[str, ...]) -> Options:
    return tuple(option for option in options if " ".join(option) not in names)


def _calls(calls: SystemCalls, names: tuple[str, ...]) -> SystemCalls:
    groups = {**DEADLY, **REFUSED}
    opened = {call for name, group in groups.items() if f"calls: {name}" in names for call in group.split()}
    opened |= {name for name, _ in calls.arguments if f"arguments: {name}" in names}
    opened |= set(calls.absent) & set(names)
    return replace(
        calls,
        allowed=(*calls.allowed, *sorted(opened)),
        deadly=tuple(name for name in calls.deadly if name not in opened),
        arguments=tuple(rule for rule in calls.arguments if rule[0] not in opened),
        absent=tuple(name for name in calls.absent if name not in opened),
        refused_clone=0 if "flags of clone" in names else calls.refused_clone,
        foreign="ALLOW" if "foreign architectures" in names else calls.foreign,
    )
