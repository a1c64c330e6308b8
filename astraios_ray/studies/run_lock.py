"""Whether a search process holds a run folder now, found out without touching its lock."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Holder:
    """Who held the folder last, ``process 47 on host``, and whether it still does; None: nobody can say."""

    words: str
    holds: bool | None


def holder_of(folder: Path) -> Holder:
    """The holder of a run folder.

    A process of this machine holds it while it has the lock file open. Of a process on another machine, or
    of another user, nothing can be known from here.
    """
    owner = folder / ".owner"
    words = owner.read_text().strip() if owner.exists() else ""
    named = re.fullmatch(r"process (\d+) on (\S+)", words)
    if named is None:
        return Holder(words, False)
    if named[2] != os.uname().nodename:
        return Holder(words, None)
    return Holder(words, _has_open(int(named[1]), (folder / ".lock").resolve()))


def _has_open(process: int, lock: Path) -> bool | None:
    try:
        return any(Path(file.path) == lock for file in psutil.Process(process).open_files())
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return None
