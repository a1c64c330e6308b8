"""What of this machine a jail shows: read-only folders and files, nothing else."""

import platform
import shutil
from dataclasses import dataclass
from pathlib import Path

from astraios_ray.errors import SandboxUnavailable
from astraios_ray.sandbox.interpreter import Interpreter, find_interpreter


@dataclass(frozen=True)
class Root:
    """The zygote's Python, and what a language needs beside it. Paths are the same inside and outside."""

    interpreter: Interpreter
    folders: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    level: int = 3  # of isolation


def python_root(as_user: tuple[str, ...]) -> Root:
    """Python and its libraries; a C program finds libc and libm among them."""
    return Root(find_interpreter(as_user))


def toolchain_root(as_user: tuple[str, ...]) -> Root:
    """Beside Python, gcc with its headers and libraries. Raises SandboxUnavailable where there is none."""
    program("gcc", "gcc libc6-dev")
    triplet = f"{platform.machine()}-linux-gnu"
    wanted = (
        *("/usr/bin", "/usr/include", "/usr/lib/gcc", "/usr/libexec/gcc"),
        *(f"/usr/lib/{triplet}", f"/lib/{triplet}", "/lib64"),
    )
    return Root(find_interpreter(as_user), tuple(path for path in wanted if Path(path).is_dir()))


def program(name: str, packages: str) -> str:
    """The path of a program. Raises SandboxUnavailable that names its Debian packages."""
    path = shutil.which(name)
    if path is None:
        raise SandboxUnavailable(f"The program {name} is missing: `apt-get install {packages}`.")
    return path
