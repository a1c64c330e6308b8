"""The display for a notebook: one panel below the cell, redrawn in place."""

import time
from collections.abc import Callable
from typing import Any

from IPython.display import display
from rich.text import Text

from astraios_ray.displays.live_panel import panel
from astraios_ray.displays.progress_words import clean
from astraios_ray.search.progress import Progress

SECONDS_BETWEEN_PANELS = 0.5
WIDTH = 100  # characters


class NotebookDisplay:
    """Redraws the panel at most twice a second; notes stand below it in the order in which they came."""

    def __init__(
        self, show: Callable[..., Any] = display, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._show, self._clock = show, clock
        self._handle: Any = None  # of the panel, once there is one
        self._waiting: Progress | None = None
        self._last = 0.0

    def update(self, progress: Progress) -> None:
        """Show ``progress``, or keep it for later if one was shown just now."""
        self._waiting = progress
        if self._handle is None or self._clock() - self._last >= SECONDS_BETWEEN_PANELS:
            self._draw(progress)

    def note(self, text: str) -> None:
        """Show ``text`` as a line."""
        self._show(Text(clean(text)))

    def close(self) -> None:
        """Show the progress that was still waiting."""
        if self._waiting is not None:
            self._draw(self._waiting)

    def _draw(self, progress: Progress) -> None:
        if self._handle is None:
            self._handle = self._show(panel(progress, WIDTH), display_id=True)
        else:
            self._handle.update(panel(progress, WIDTH))
        self._waiting, self._last = None, self._clock()
