"""Lines of the pages have at most 100 columns, except rows of data."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
MOST = 100
PRINTED = ("text", "json", "jsonl")  # rows of data and what a command prints, in fenced blocks
ADDRESS = re.compile(r"\[[^\]]*\]\(https?://\S+\)[.,;]?")  # alone on its line


def long_lines(page: Path) -> Iterator[tuple[int, str]]:
    """The lines that are longer than they may be, with their numbers."""
    fence = ""
    for number, line in enumerate(page.read_text().splitlines(), start=1):
        if line.lstrip().startswith("```"):
            fence = "" if fence else line.strip("` ") or "plain"
        if len(line) > MOST and fence not in PRINTED and not ADDRESS.fullmatch(line.strip()):
            yield number, line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_line_is_longer_than_100_columns(page: Path) -> None:
    assert not list(long_lines(page))


def test_an_exception_is_a_row_of_data_or_an_address(tmp_path: Path) -> None:
    wide = "x" * (MOST + 1)
    (tmp_path / "page.md").write_text(
        f"```json\n{wide}\n```\n[x](https://{wide})\n```sh\n{wide}\n```\n| {wide} |\n{wide}\n"
    )
    assert [number for number, _ in long_lines(tmp_path / "page.md")] == [6, 8, 9]
