"""Find the Python that runs inside the jail, and the files of the machine that it needs."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from astraios_ray.errors import SandboxUnavailable

OLDEST = (3, 11)

_LAYOUT = """
import json, os, sys, sysconfig
if not os.access(os.path.realpath(sys.executable), os.R_OK | os.X_OK):
    raise SystemExit(1)  # setpriv starts even a program that the user it turns into may not reach
paths = sysconfig.get_paths()
print(json.dumps({
    "version": sys.version.split()[0],
    "executable": os.path.realpath(sys.executable),
    "libraries": sorted({paths["stdlib"], paths["platstdlib"]}),
    "extensions": sysconfig.get_config_var("DESTSHARED") or "",
}))
"""


@dataclass(frozen=True)
class Interpreter:
    """A Python on this machine. All paths are absolute and the same inside the jail."""

    version: str
    executable: str
    folders: tuple[str, ...]  # its standard library
    hidden: tuple[str, ...]  # folders with installed packages, which the jail hides
    shared: tuple[str, ...]  # shared objects that it loads, the loader included

    @property
    def minor(self) -> str:
        """The version without its last part, as 3.11."""
        return ".".join(self.version.split(".")[:2])


@cache
def find_interpreter(as_user: tuple[str, ...] = ()) -> Interpreter:
    """The running Python if the jail's user can read it, else the system's. Every score records it.

    ``as_user`` is the command that becomes that user. Only root can read a Python below /root, and the jail
    is never root. Raises SandboxUnavailable when neither Python fits.
    """
    candidates = list(dict.fromkeys([getattr(sys, "_base_executable", sys.executable), "/usr/bin/python3"]))
    for executable in candidates:
        layout = _layout([*as_user, executable])
        if layout and tuple(map(int, layout["version"].split(".")[:2])) >= OLDEST:
            return _interpreter(layout)
    raise SandboxUnavailable(
        f"No Python >= {OLDEST[0]}.{OLDEST[1]} that an unprivileged user can read: "
        f"tried {', '.join(candidates)}. Install the system's Python: `apt-get install python3`."
    )


def _layout(command: Sequence[str]) -> dict[str, str] | None:
    try:
        process = subprocess.run(
            [*command, "-I", "-S", "-c", _LAYOUT],
            capture_output=True,
            env={},
            cwd="/",
            timeout=30,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    layout: dict[str, str] = json.loads(process.stdout)
    return layout


def _interpreter(layout: dict[str, str]) -> Interpreter:
    folders = tuple(layout["libraries"])
    extensions = sorted(map(str, Path(layout["extensions"]).glob("*.so"))) if layout["extensions"] else []
    packages = (Path(folder) / name for folder in folders for name in ("site-packages", "dist-packages"))
    return Interpreter(
        version=layout["version"],
        executable=layout["executable"],
        folders=folders,
        hidden=tuple(str(path) for path in packages if path.is_dir()),
        shared=tuple(shared_objects([layout["executable"], *extensions])),
    )


def shared_objects(binaries: Sequence[str]) -> list[str]:
    """Paths of all libraries that ``binaries`` load, as ldd names them."""
    ldd = shutil.which("ldd")
    if ldd is None:
        raise SandboxUnavailable("The program ldd is missing: `apt-get install libc-bin`.")
    listed = subprocess.run([ldd, *binaries], capture_output=True, text=True, check=False).stdout
    libraries = {path for path in _paths(listed.splitlines()) if Path(path).is_file()}
    # libgcc_s is loaded by name when a thread ends
    beside = {str(Path(path).parent / "libgcc_s.so.1") for path in libraries}
    return sorted(libraries | {path for path in beside if Path(path).is_file()})


def _paths(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        words = line.split()
        path = words[2] if "=>" in words and len(words) > 2 else words[0] if words else ""
        if path.startswith("/") and not path.endswith(":"):
            yield path
