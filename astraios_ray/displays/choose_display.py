"""Which display a stream gets, and what a program means by ``progress``."""

import sys
from typing import TextIO

from rich.console import Console

from astraios_ray.displays.display import Display
from astraios_ray.displays.line_displays import JsonDisplay, PlainDisplay, QuietDisplay
from astraios_ray.displays.live_panel import RichDisplay
from astraios_ray.errors import ConfigError


def choose(quiet: bool, json: bool, stream: TextIO) -> Display:
    """The display for ``stream``: ``quiet`` wins over ``json``; a panel in a notebook or a capable terminal.

    ``stream`` is standard error. Colours obey NO_COLOR.
    """
    if quiet:
        return QuietDisplay()
    if json:
        return JsonDisplay(stream)
    if Console(file=stream).is_jupyter:
        from astraios_ray.displays.notebook_panel import (
            NotebookDisplay,  # IPython is there in notebooks alone
        )

        return NotebookDisplay()
    return RichDisplay(stream) if _redraws(stream) else PlainDisplay(stream)


def display_of(progress: bool | Display) -> Display:
    """A program's own display, the one that fits standard error for True, none for False."""
    if isinstance(progress, bool):
        return choose(not progress, False, sys.stderr)
    return _complete(progress)


def lines_of(progress: bool | Display) -> Display:
    """The same for work without a panel, which only has notes."""
    if isinstance(progress, bool):
        return PlainDisplay(sys.stderr) if progress else QuietDisplay()
    return _complete(progress)


def _complete(display: Display) -> Display:
    """A display of a program. Raises ConfigError where it lacks a method."""
    if all(callable(getattr(display, method, None)) for method in ("update", "note", "close")):
        return display
    raise ConfigError(
        f"`progress`: found {display!r}; expected True, False, or an object with update, note and close.",
        arguments=["progress"],
    )


def _redraws(stream: TextIO) -> bool:
    """Whether a panel can be redrawn in place. FORCE_COLOR in a pipe does not make it a terminal."""
    return stream.isatty() and not Console(file=stream).is_dumb_terminal
