"""What bubblewrap is told: the walls of the jail, and a hash that names them in every score."""

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import PurePosixPath

from astraios_ray.sandbox import seccomp
from astraios_ray.sandbox.interpreter import Interpreter

LEVEL = 3  # bubblewrap, user namespaces and seccomp

ENVIRONMENT = {  # all that a program sees; nothing is inherited
    "PATH": "/usr/bin:/bin",
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
}

WALLS = (
    # uid 0 of a user namespace in which no further one can be made, and without its capabilities but two:
    # the zygote makes namespaces (SYS_ADMIN) and gives capabilities up (SETPCAP) before a program runs
    *("--unshare-user", "--uid", "0", "--gid", "0", "--disable-userns"),
    *("--cap-drop", "ALL", "--cap-add", "CAP_SYS_ADMIN", "--cap-add", "CAP_SETPCAP"),
    *("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"),
    *("--hostname", "box", "--die-with-parent", "--new-session", "--clearenv"),
)
FOLDERS = ("--dev", "/dev", "--size", "65536", "--perms", "1777", "--tmpfs", "/tmp", "--chdir", "/tmp")
SEALS = ("--remount-ro", "/dev", "--remount-ro", "/")  # else both are writable and unbounded

JAIL_FILES = ("candidate.py", "checker.py", "confine.py", "wire.py", "zygote.py")
_JAIL = "/jail/astraios_ray/sandbox/jail"
_START = "import sys; sys.path.insert(0, '/jail'); from astraios_ray.sandbox.jail.zygote import main; main()"


def bubblewrap_arguments(interpreter: Interpreter, jail_files: Mapping[str, int]) -> list[str]:
    """The arguments of bwrap, in the order that it applies them. No /proc, no shell, no set-uid program.

    ``jail_files`` maps the names of JAIL_FILES to open descriptors: text goes in as bytes, so that the
    jail's user need not be able to read this package.
    """
    arguments = list(WALLS)
    for name, value in {**ENVIRONMENT, "LD_LIBRARY_PATH": _library_path(interpreter)}.items():
        arguments += ["--setenv", name, value]
    for path in (*interpreter.folders, interpreter.executable, *interpreter.shared):
        arguments += ["--ro-bind", path, path]
    for path in interpreter.hidden:
        arguments += ["--tmpfs", path, "--remount-ro", path]
    arguments += FOLDERS
    for name, descriptor in jail_files.items():
        arguments += ["--perms", "0444", "--ro-bind-data", str(descriptor), f"{_JAIL}/{name}"]
    arguments += SEALS
    # -I would ignore PYTHONHASHSEED, which must be the same in every run
    return [*arguments, "--", interpreter.executable, "-s", "-S", "-B", "-P", "-c", _START]


@cache
def jail_texts() -> dict[str, bytes]:
    """The files of the jail by name."""
    folder = files("astraios_ray.sandbox.jail")
    return {name: (folder / name).read_bytes() for name in JAIL_FILES}


def policy_hash() -> str:
    """16 hexadecimal digits over all that decides what a program may do, but for the machine's versions."""
    parts = (LEVEL, ENVIRONMENT, WALLS, FOLDERS, SEALS, seccomp.ALLOWED, seccomp.DEADLY, seccomp.ARGUMENTS)
    digest = hashlib.sha256(repr(parts).encode())
    for name, text in jail_texts().items():
        digest.update(name.encode() + text)
    return digest.hexdigest()[:16]


def _library_path(interpreter: Interpreter) -> str:
    return ":".join(sorted({str(PurePosixPath(path).parent) for path in interpreter.shared}))
