"""The read-only folders and files of this machine that a jail shows."""

import platform
import shutil
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from astraios_ray.errors import SandboxUnavailable
from astraios_ray.sandbox.interpreter import Interpreter, find_interpreter
from astraios_ray.sandbox.packages import PackageFolder, Packages


@dataclass(frozen=True)
class Root:
    """The zygote's Python, and the folders of a language. Paths are equal inside and outside of the jail."""

    interpreter: Interpreter
    folders: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    level: int = 3  # of isolation
    links: tuple[tuple[str, str], ...] = ()  # symbolic links: where each points, and its path
    packages: PackageFolder | None = None
    warm: tuple[str, ...] = ()  # modules of packages that the zygote imports


def python_root(as_user: tuple[str, ...]) -> Root:
    """Python and its libraries, which include libc and libm for C programs."""
    return Root(find_interpreter(as_user))


@cache  # every check asks for it
def with_packages(root: Root, packages: Packages, as_user: tuple[str, ...], warm: tuple[str, ...]) -> Root:
    """The root with these packages; ``warm`` modules that they have are imported once for all checks."""
    missing = packages.lacking(warm, as_user)
    loaded = tuple(name for name in warm if name.partition(".")[0] not in missing)
    return replace(root, packages=packages.folder(as_user), warm=loaded)


def toolchain_root(as_user: tuple[str, ...]) -> Root:
    """Python, and gcc with its headers and libraries. Raises SandboxUnavailable without gcc."""
    program("gcc", "gcc libc6-dev")
    triplet = f"{platform.machine()}-linux-gnu"
    folders = (
        *("/usr/bin", "/usr/include", "/usr/lib/gcc", "/usr/libexec/gcc"),
        *(f"/usr/lib/{triplet}", f"/lib/{triplet}", "/lib64"),
    )
    return Root(find_interpreter(as_user), tuple(path for path in folders if Path(path).is_dir()))


def program(name: str, packages: str) -> str:
    """The path of a program. Raises SandboxUnavailable, which names its Debian packages."""
    path = shutil.which(name)
    if path is None:
        raise SandboxUnavailable(f"The program {name} is missing: `apt-get install {packages}`.")
    return path
