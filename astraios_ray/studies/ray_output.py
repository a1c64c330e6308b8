"""What Ray prints goes to a file. What the rest of the program prints does not."""

import errno
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from functools import partial
from pathlib import Path
from threading import current_thread, get_ident
from typing import Any, TextIO, cast

from astraios_ray.displays.display import Display
from astraios_ray.search.progress import Progress

RAY_THREADS = "ray_"  # what the names of Ray's threads begin with, which print of lost workers and raylets


class _OutputByThread:
    """Standard output for every thread but the one that makes it and Ray's, which write into ``log``."""

    def __init__(self, log: TextIO, stdout: TextIO) -> None:
        self._log, self._stdout, self._thread = log, stdout, get_ident()

    def __getattr__(self, name: str) -> Any:
        is_rays = get_ident() == self._thread or current_thread().name.startswith(RAY_THREADS)
        return getattr(self._log if is_rays else self._stdout, name)


@contextmanager
def output_of_ray_in(file: Path) -> Iterator[None]:
    """Inside, what this thread and Ray's print is added to ``file``."""
    with file.open("a") as log, redirect_stdout(cast(TextIO, _OutputByThread(log, sys.stdout))):
        yield


class PrintingDisplay:
    """A display that prints where its program did when the search began, as long as somebody reads it."""

    def __init__(self, display: Display) -> None:
        self._display, self._stdout, self._has_reader = display, sys.stdout, True

    def update(self, progress: Progress) -> None:
        """Show how far the study is."""
        self._print(partial(self._display.update, progress))

    def note(self, text: str) -> None:
        """Show a message."""
        self._print(partial(self._display.note, text))

    def close(self) -> None:
        """End the display."""
        self._print(self._display.close)

    def _print(self, show: Callable[[], None]) -> None:
        """Show something. A pipe or a terminal that was closed ends the display, and not the search."""
        if not self._has_reader:
            return
        try:
            with redirect_stdout(self._stdout):
                show()
        except OSError as error:
            if error.errno not in (errno.EPIPE, errno.EIO):
                raise
            self._has_reader = False
