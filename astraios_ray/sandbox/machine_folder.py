"""Folders that are made once on a machine and then read in jails: a small Java, prepared compilers."""

import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from astraios_ray.cache import cache_folder, user_cache_folder
from astraios_ray.errors import SandboxUnavailable

SHARED_BY_ALL = Path("/var/cache/astraios-ray")  # root's place: the jail's user may not read root's own
_making = threading.Lock()  # threads of one process wait for each other


def made_once(name: str, make: Callable[[Path], None]) -> Path:
    """The folder of this name, which ``make`` fills where it does not exist yet.

    It is made under a temporary name and renamed, since another process can make it too.
    """
    folder = _folder() / name
    with _making:
        if not folder.is_dir():
            _make(folder, make)
    return folder


def _make(folder: Path, make: Callable[[Path], None]) -> None:
    temporary = Path(tempfile.mkdtemp(prefix=f"{folder.name.split('-')[0]}-", dir=folder.parent))
    try:
        make(temporary)
        run(["chmod", "-R", "a+rX", str(temporary)])
        temporary.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def run(command: Sequence[str], folder: Path | None = None, **environment: str) -> str:
    """The output of a command. Raises SandboxUnavailable with its messages when it fails."""
    process = subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if process.returncode:
        raise SandboxUnavailable(
            f"{' '.join(command[:2])} failed: {(process.stderr or process.stdout)[-500:]}"
        )
    return process.stdout


def _folder() -> Path:
    """A folder that this process can write and the jail's user can read.

    None below /tmp, whatever ASTRAIOS_RAY_CACHE says: a jail has a /tmp of its own.
    """
    of_root = [] if os.geteuid() else [SHARED_BY_ALL]
    folders = [folder.absolute() for folder in (cache_folder(), user_cache_folder(), *of_root)]
    visible = [folder for folder in folders if not folder.resolve().is_relative_to("/tmp")]
    readable = [folder for folder in visible if open_to_jails(folder)]
    if not readable:
        raise SandboxUnavailable(
            f"{folders[0]}: a jail has a /tmp of its own and cannot see compilers there; set "
            "ASTRAIOS_RAY_CACHE to a folder elsewhere."
        )
    readable[0].mkdir(parents=True, exist_ok=True)
    return readable[0]


def open_to_jails(folder: Path) -> bool:
    """Whether the jail's user can enter the folder: that is this user, or one without rights for root."""
    folders = [path for path in (folder, *folder.parents) if path.exists()]
    return bool(os.geteuid()) or all(path.stat().st_mode & 0o001 for path in folders)
