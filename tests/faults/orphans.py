"""The processes that a killed process left: this process becomes their parent, and so sees them."""

import ctypes
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psutil

PR_SET_CHILD_SUBREAPER = 36
LONGEST_END = 60.0  # seconds; Ray's processes notice within a few that their driver is gone


@contextmanager
def orphans_adopted() -> Iterator[Callable[[], list[str]]]:
    """Gives a function that waits for the orphans of processes killed inside, and says which do not end."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    assert prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    before = {process.pid for process in psutil.Process().children()}
    try:
        yield lambda: _wait_for_orphans(before)
    finally:
        prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def _wait_for_orphans(before: set[int]) -> list[str]:
    until = time.monotonic() + LONGEST_END
    while (orphans := _orphans(before)) and time.monotonic() < until:
        time.sleep(0.05)
    return orphans


def _orphans(before: set[int]) -> list[str]:
    orphans = []
    for process in psutil.Process().children():
        if process.pid in before:
            continue
        with suppress(psutil.Error, ChildProcessError):
            if process.status() == psutil.STATUS_ZOMBIE:
                os.waitpid(process.pid, os.WNOHANG)
            else:
                orphans.append(f"{process.pid} {' '.join(process.cmdline())[:200]}")
    return orphans
