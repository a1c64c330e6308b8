"""The walls of a jail as one plain value, its arguments for bubblewrap, and its hash for scores."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import PurePosixPath

from astraios_ray.sandbox import cgroup
from astraios_ray.sandbox.jail import confine
from astraios_ray.sandbox.java_image import java_digest
from astraios_ray.sandbox.packages import NONE, Packages
from astraios_ray.sandbox.roots import Root
from astraios_ray.sandbox.seccomp import DEFAULT_CALLS, SystemCalls
from astraios_ray.sandbox.wall_sources import walls_digest

LEVEL = 3  # bubblewrap, user namespaces and seccomp

ENVIRONMENT = {  # the whole environment of a program; it inherits nothing
    "PATH": "/usr/bin:/bin",
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
}

Options = tuple[tuple[str, ...], ...]  # each option with its values

WALLS: Options = (
    # uid 0 of a user namespace that allows no further one, with only two capabilities: the zygote makes
    # namespaces (SYS_ADMIN) and gives capabilities up (SETPCAP) before a program runs
    *(("--unshare-user",), ("--uid", "0"), ("--gid", "0"), ("--disable-userns",), ("--cap-drop", "ALL")),
    *(("--cap-add", "CAP_SYS_ADMIN"), ("--cap-add", "CAP_SETPCAP")),
    *(("--unshare-ipc",), ("--unshare-pid",), ("--unshare-net",), ("--unshare-uts",)),
    *(("--unshare-cgroup-try",), ("--hostname", "box"), ("--die-with-parent",), ("--new-session",)),
    ("--clearenv",),
)
FOLDERS: Options = (
    ("--dev", "/dev"),
    ("--size", "65536", "--perms", "1777", "--tmpfs", "/tmp"),
    ("--chdir", "/tmp"),
)
SEALS: Options = (("--remount-ro", "/dev"), ("--remount-ro", "/"))  # both would be writable and unbounded
OUTER_LIMITS = ("--core=0", "--memlock=0", "--msgqueue=0", "--nofile=256")  # of the jail as a whole


@dataclass(frozen=True)
class Policy:
    """Everything that decides what a program may do, except the limits of a check and the machine's versions.

    The tests remove each wall in turn, and see that something gets through.
    """

    walls: Options = WALLS
    folders: Options = FOLDERS
    seals: Options = SEALS
    show: str = "--ro-bind"  # the option that shows a file of the machine
    outer_limits: tuple[str, ...] = OUTER_LIMITS
    environment: tuple[tuple[str, str], ...] = tuple(ENVIRONMENT.items())
    confinement: tuple[str, ...] = confine.ALL  # the rights that each process gives up, see jail/confine.py
    calls: SystemCalls = DEFAULT_CALLS
    memory_mib: int = cgroup.MEMORY_MIB  # of a whole jail, where control groups can be made
    processes: int = cgroup.PROCESSES  # likewise

    def hash(self, level: int = LEVEL, packages: Packages = NONE) -> str:
        """16 hexadecimal digits over the policy, the level, the packages and the files of the jails."""
        parts = (level, self, packages.versions, java_digest(), walls_digest())
        digest = hashlib.sha256(repr(parts).encode())
        for name, text in jail_texts().items():
            digest.update(name.encode() + text)
        return digest.hexdigest()[:16]


DEFAULT = Policy()
JAIL_FILES = (
    *("arrays.py", "candidate.py", "checker.py", "confine.py", "exceptions.py", "frames.py", "imports.py"),
    *("landlock.py", "levels.py", "library.py", "peer.py", "program.py", "regex_match.py", "spawn.py"),
    *("start.py", "values.py", "wire.py", "zygote.py"),
)
_JAIL = "/jail/astraios_ray/sandbox/jail"
_START = (
    "import json, sys; path, level, *lists = sys.argv[1:]; sys.path.insert(0, path);"
    "from astraios_ray.sandbox.jail.start import main; main(int(level), *map(json.loads, lists))"
)


def bubblewrap_arguments(policy: Policy, root: Root, jail_files: Mapping[str, int]) -> list[str]:
    """The arguments of bwrap, in the order of their effect. No jail has /proc; only a compiler's has a shell.

    ``jail_files`` maps the names of JAIL_FILES to open descriptors, so the jail's user needs no access to
    this package.
    """
    interpreter, arguments = root.interpreter, _flat(policy.walls)
    for name, value in (*policy.environment, ("LD_LIBRARY_PATH", _library_path(root))):
        arguments += ["--setenv", name, value]
    beside = (path for path in (*_of_python(root), *root.files) if not _below(path, root.folders))
    for path in dict.fromkeys((*root.folders, *beside)):
        arguments += [policy.show, path, path]
    for target, path in root.links:
        arguments += ["--symlink", target, path]
    for path in interpreter.hidden:
        arguments += ["--tmpfs", path, "--remount-ro", path]
    arguments += _flat(policy.folders)
    for name, descriptor in jail_files.items():
        arguments += ["--perms", "0444", "--ro-bind-data", str(descriptor), f"{_JAIL}/{name}"]
    arguments += _flat(policy.seals)
    return [*arguments, "--", *_zygote(policy, root, "/jail")]


def bare_command(policy: Policy, root: Root, jail_files: Mapping[str, int]) -> list[str]:
    """The command of the zygote without bubblewrap, for levels below 3; its one file is jail_archive()."""
    return _zygote(policy, root, f"/proc/self/fd/{jail_files['archive']}")


def _zygote(policy: Policy, root: Root, path: str) -> list[str]:
    importable = [root.packages.path] if root.packages else []
    # no -I, which ignores PYTHONHASHSEED; that must be the same in every run
    flags = ("-s", "-S", "-B", "-P", "-c", _START)
    lists = map(json.dumps, (_of_python(root), policy.confinement, importable, root.warm))
    return [root.interpreter.executable, *flags, path, str(root.level), *lists]


@cache
def jail_texts() -> dict[str, bytes]:
    """The files of the jail by name."""
    folder = files("astraios_ray.sandbox.jail")
    return {name: (folder / name).read_bytes() for name in JAIL_FILES}


@cache
def jail_archive() -> bytes:
    """The files of the jail as a zip archive, which Python imports from."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for name in ("", "sandbox/", "sandbox/jail/"):
            file.writestr(f"astraios_ray/{name}__init__.py", "")
        for name, text in jail_texts().items():
            file.writestr(f"astraios_ray/sandbox/jail/{name}", text)
    return archive.getvalue()


def _flat(options: Options) -> list[str]:
    return [word for option in options for word in option]


def _below(path: str, folders: Iterable[str]) -> bool:
    return any(PurePosixPath(path).is_relative_to(folder) for folder in folders)


def _of_python(root: Root) -> list[str]:
    """The files and folders of Python and of its packages."""
    interpreter, packages = root.interpreter, root.packages
    of_packages = [packages.path, *packages.shared] if packages else []
    return [*interpreter.folders, interpreter.executable, *interpreter.shared, *of_packages]


def _library_path(root: Root) -> str:
    shared = (*root.interpreter.shared, *(root.packages.shared if root.packages else ()))
    return ":".join(sorted({str(PurePosixPath(path).parent) for path in shared}))
