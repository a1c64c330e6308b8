"""The table of docs/models.md, a row for each architecture, made by running a tiny random model of it.

``python -m tests.contracts.models_page`` makes all rows anew, or those of the architectures that it is given.
"""

import re
import sys
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from transformers.utils import logging

from tests.contracts.architecture_facts import COLUMNS
from tests.contracts.tried_model import Tried
from tests.fakes.small_models import ALL

PAGE = Path(__file__).parents[2] / "docs" / "models.md"
BEGIN, END = "<!-- table: make models -->", "<!-- end of table -->"
HEAD = f"| architecture | {' | '.join(COLUMNS)} |\n|---|{'---|' * len(COLUMNS)}\n"


def entry(architecture: str, folder: Path) -> tuple[str, str]:
    """The row of an architecture, and what ``plan`` says of the first method that it refuses, or nothing."""
    tried = Tried(architecture, folder)
    row = f"| {' | '.join([architecture, *(answer(tried) for answer in COLUMNS.values())])} |"
    reason = next(iter(tried.refusals.values()), "").partition(". ")[0]
    note = f"* {architecture}: {reason}." if reason else ""
    return row, textwrap.fill(note, 98, subsequent_indent="  ", break_on_hyphens=False)


def entries(page: str) -> dict[str, tuple[str, str]]:
    """The rows and notes of a page, by architecture."""
    table = page.partition(BEGIN)[2].partition(END)[0]
    rows = {
        row.split(" | ")[0].removeprefix("| "): row for row in re.findall(r"^\|.*\|$", table, re.MULTILINE)
    }
    notes = {note[1]: note[0] for note in re.finditer(r"^\* ([^:\n]+): (?:.|\n  )*", table, re.MULTILINE)}
    return {name: (row, notes.get(name, "")) for name, row in rows.items() if name in ALL}


def with_entries(page: str, made: Mapping[str, tuple[str, str]]) -> str:
    """The page with other rows and notes."""
    ordered = [made[name] for name in sorted(made, key=str.lower)]
    rows = "".join(f"{row}\n" for row, _ in ordered)
    notes = "".join(f"{note}\n" for _, note in ordered if note)
    table = (
        f"{BEGIN}\n\n{HEAD}{rows}\nWhat `plan` says of the first method that it refuses:\n\n{notes}\n{END}"
    )
    return page.partition(BEGIN)[0] + table + page.partition(END)[2]


def main(architectures: Sequence[str]) -> None:
    """Make rows anew and write each into the page as soon as it is made."""
    logging.disable_progress_bar()
    for architecture in architectures or ALL:
        with TemporaryDirectory() as folder:
            made = {architecture: entry(architecture, Path(folder))}
        page = PAGE.read_text()
        PAGE.write_text(with_entries(page, {**entries(page), **made}))
        sys.stderr.write(f"{made[architecture][0]}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
