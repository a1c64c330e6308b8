"""Waits while a disk is full, so that a search goes on by itself once there is room."""

import errno
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from astraios_ray.errors import ConfigError

Result = TypeVar("Result")
LOG = logging.getLogger(__name__)
FULL = (errno.ENOSPC, errno.EDQUOT)
WORDS = (
    "os error 28",
    "os error 122",
)  # of the same two in Rust, as in safetensors
SECONDS_BETWEEN = 10.0  # two attempts
LONGEST_VARIABLE = "ASTRAIOS_RAY_DISK_WAIT"  # seconds; 0: a full disk ends the search at once
LONGEST_SECONDS = 1200.0  # below the 1800 s after which workers of a lane give up waiting for each other
GIB = 2**30

_patience_over = False  # of this process: a wait was interrupted, or lasted too long


def with_room(place: Path, write: Callable[[], Result]) -> Result:
    """What ``write`` returns. While the disk of ``place`` is full, it is called again every 10 s.

    What ``write`` leaves behind when it fails, it replaces when it is called again. Its error is raised where
    it is another one, after 20 minutes or what ASTRAIOS_RAY_DISK_WAIT says, and once a wait of this process
    was interrupted.
    """
    try:
        return write()
    except Exception as error:
        if _patience_over or not is_full(error) or not longest_wait():
            raise
        LOG.warning(_words(place))
    for _ in _attempts():
        try:
            result = write()
        except Exception as error:
            if not is_full(error):
                raise
            last_error = error
        else:
            LOG.warning("The disk of %s has room again: the search goes on.", place)
            return result
    raise last_error


def is_full(error: BaseException | None) -> bool:
    """Whether ``error``, or what it came of, is that a disk or a quota is full."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in FULL:
            return True
        if any(word in str(error) for word in WORDS):
            return True
        error = error.__cause__ or error.__context__
    return False


def longest_wait() -> float:
    """The seconds that a search waits for room at most. Raises ConfigError for a text that is no number."""
    text = os.environ.get(LONGEST_VARIABLE, str(LONGEST_SECONDS))
    try:
        return max(float(text), 0.0)
    except ValueError:
        raise ConfigError(f"{LONGEST_VARIABLE}: found {text!r}; write seconds, such as 600") from None


def _attempts() -> Iterator[None]:
    """One for each further attempt, the last at the end of the longest wait."""
    global _patience_over
    until = time.monotonic() + longest_wait()
    while (seconds := until - time.monotonic()) > 0:
        try:
            time.sleep(min(SECONDS_BETWEEN, seconds))
        except BaseException:  # Ctrl-C: what is written until the process ends waits no more
            _patience_over = True
            raise
        yield
    _patience_over = True


def _words(place: Path) -> str:
    free = shutil.disk_usage(next(path for path in (place, *place.parents) if path.exists())).free
    return (
        f"The disk of {place} is full, {free / GIB:.2f} GiB are free: the search waits for room, up to "
        f"{longest_wait() / 60:.0f} minutes, and goes on by itself. Ctrl-C ends it; nothing is lost."
    )
