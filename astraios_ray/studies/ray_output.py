"""What Ray prints in the thread of a search goes to a file. What the rest of the program prints does not."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from threading import get_ident
from typing import Any, TextIO, cast

from astraios_ray.displays.display import Display
from astraios_ray.search.progress import Progress


class _OutputByThread:
    """Standard output for every thread but the one that makes it, which writes into ``log``."""

    def __init__(self, log: TextIO, stdout: TextIO) -> None:
        self._log, self._stdout, self._thread = log, stdout, get_ident()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log if get_ident() == self._thread else self._stdout, name)


@contextmanager
def output_of_ray_in(file: Path) -> Iterator[None]:
    """Inside, what this thread prints is added to ``file``."""
    with file.open("a") as log, redirect_stdout(cast(TextIO, _OutputByThread(log, sys.stdout))):
        yield


class PrintingDisplay:
    """A display that prints where its program did when the search began."""

    def __init__(self, display: Display) -> None:
        self._display, self._stdout = display, sys.stdout

    def update(self, progress: Progress) -> None:
        """Show how far the study is."""
        with redirect_stdout(self._stdout):
            self._display.update(progress)

    def note(self, text: str) -> None:
        """Show a message."""
        with redirect_stdout(self._stdout):
            self._display.note(text)

    def close(self) -> None:
        """End the display."""
        with redirect_stdout(self._stdout):
            self._display.close()
