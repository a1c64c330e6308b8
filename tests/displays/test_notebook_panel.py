"""The display of a notebook: one panel, redrawn in place, and notes."""

import sys
from typing import Any

import pytest
from rich.console import Console

from astraios_ray.displays.choose_display import choose, display_of, lines_of
from astraios_ray.displays.line_displays import PlainDisplay, QuietDisplay
from astraios_ray.displays.notebook_panel import NotebookDisplay
from astraios_ray.search.progress import Progress
from tests.displays.test_displays import Clock


class Cell:
    """The output below a cell, as IPython's ``display`` fills it."""

    def __init__(self) -> None:
        self.outputs: list[Any] = []

    def __call__(self, content: Any, display_id: bool = False) -> "Handle | None":
        self.outputs.append(content)
        return Handle(self, len(self.outputs) - 1) if display_id else None


class Handle:
    """What redraws one output."""

    def __init__(self, cell: Cell, place: int) -> None:
        self.cell, self.place = cell, place

    def update(self, content: Any) -> None:
        self.cell.outputs[self.place] = content


def shown(content: Any) -> str:
    console = Console(width=100, force_terminal=False)
    with console.capture() as capture:
        console.print(content)
    return capture.get()


def test_the_panel_is_redrawn_in_place_at_most_twice_a_second() -> None:
    cell, clock = Cell(), Clock()
    display = NotebookDisplay(cell, clock)
    for trials in (1, 2, 3):
        display.update(Progress("search", planned=9, ended={"complete": trials}))
    assert len(cell.outputs) == 1 and "1/9 ended" in shown(cell.outputs[0])
    clock.now += 1.0
    display.update(Progress("search", planned=9, ended={"complete": 4}))
    assert len(cell.outputs) == 1 and "4/9 ended" in shown(cell.outputs[0])


def test_what_was_still_waiting_is_shown_in_the_end() -> None:
    cell = Cell()
    display = NotebookDisplay(cell, Clock())
    display.update(Progress("search"))
    display.update(Progress("report"))
    display.close()
    display.close()
    assert len(cell.outputs) == 1 and "astraios-ray: report" in shown(cell.outputs[0])


def test_a_note_is_a_line_of_its_own_without_escape_codes() -> None:
    cell = Cell()
    NotebookDisplay(cell, Clock()).note("one \x1b[31mred\x1b[0m word")
    assert shown(cell.outputs[0]) == "one red word\n"


def test_a_notebook_gets_the_panel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    assert isinstance(choose(False, False, sys.stderr), NotebookDisplay)


def test_a_program_gets_no_progress_or_what_fits_or_its_own_display() -> None:
    assert isinstance(display_of(False), QuietDisplay) and isinstance(lines_of(False), QuietDisplay)
    assert isinstance(display_of(True), PlainDisplay) and isinstance(lines_of(True), PlainDisplay)
    mine = QuietDisplay()
    assert display_of(mine) is mine and lines_of(mine) is mine
