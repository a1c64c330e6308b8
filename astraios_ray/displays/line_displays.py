"""The displays that write lines, or nothing: for pipes, programs and logs."""

import json as jsonlib
import math
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import TextIO

from astraios_ray.displays.progress_words import clean, line
from astraios_ray.search.progress import Progress

SECONDS_BETWEEN_LINES = 2.0


class QuietDisplay:
    """Shows no progress and no notes. Errors and the result are printed elsewhere."""

    def update(self, progress: Progress) -> None:
        """Drop the progress."""

    def note(self, text: str) -> None:
        """Drop the text."""

    def close(self) -> None:
        """Return at once: no stream is in use."""


class PlainDisplay:
    """One line per change, without escape codes, and at most one in two seconds but for a new phase."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._previous: Progress | None = None
        self._waiting: Progress | None = None
        self._last = -math.inf

    def update(self, progress: Progress) -> None:
        """Print a line if something but the time changed; keep it for later if one was printed just now."""
        if self._previous is not None and _timeless(progress) == _timeless(self._previous):
            self._waiting = None
            return
        self._waiting = progress
        new_phase = self._previous is None or progress.phase != self._previous.phase
        if new_phase or self._clock() - self._last >= SECONDS_BETWEEN_LINES:
            self._print()

    def note(self, text: str) -> None:
        """Print ``text`` at once."""
        self._write(clean(text))

    def close(self) -> None:
        """Print the change that was still waiting."""
        self._print()

    def _print(self) -> None:
        if self._waiting is not None:
            self._write(line(self._waiting))
            self._previous, self._waiting, self._last = self._waiting, None, self._clock()

    def _write(self, text: str) -> None:
        self._stream.write(f"{text}\n")
        self._stream.flush()


class JsonDisplay:
    """One JSON object per line: ``{"event": "progress", …}`` per change, ``{"event": "note", "text": …}``."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._previous: Progress | None = None

    def update(self, progress: Progress) -> None:
        """Write the progress's fields if something but the time changed. Unknown times are null."""
        if self._previous is None or _timeless(progress) != _timeless(self._previous):
            self._previous = progress
            self._write({"event": "progress", **asdict(replace(progress, ended=dict(progress.ended)))})

    def note(self, text: str) -> None:
        """Write ``text`` as an event of its own."""
        self._write({"event": "note", "text": text})

    def close(self) -> None:
        """Do nothing: every line is already written."""

    def _write(self, event: dict[str, object]) -> None:
        plain = {
            key: None if isinstance(value, float) and not math.isfinite(value) else value
            for key, value in event.items()
        }
        self._stream.write(jsonlib.dumps(plain, allow_nan=False) + "\n")
        self._stream.flush()


def _timeless(progress: Progress) -> Progress:
    return replace(progress, seconds=0.0, eta_seconds=None)
