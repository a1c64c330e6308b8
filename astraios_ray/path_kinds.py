"""What lies at a path that a user wrote: nothing, and no error, where the name is longer than any can be."""

import errno
from collections.abc import Callable
from pathlib import Path


def exists(path: Path) -> bool:
    """Whether anything lies there."""
    return _answer(path.exists)


def is_file(path: Path) -> bool:
    """Whether a file lies there, and no folder, pipe or device."""
    return _answer(path.is_file)


def is_folder(path: Path) -> bool:
    """Whether a folder lies there."""
    return _answer(path.is_dir)


def _answer(question: Callable[[], bool]) -> bool:
    try:
        return question()
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        return False
