"""The answer for a terminal: verdict, a short leaderboard, and how to go on."""

import textwrap
from collections.abc import Sequence

from astraios_ray.records import StudyRecord
from astraios_ray.report.analysis.leaderboard import Leaderboard, LeaderboardRow, leaderboard
from astraios_ray.report.render.commands import commands, report_file
from astraios_ray.report.sections.conclusion import verdict, warnings
from astraios_ray.report.tables import Table, footnotes, short_table
from astraios_ray.report.wording import plural

WIDTH = 100  # characters of prose; the table may be a little wider
MOST = 20  # rows; the files have them all


def text(record: StudyRecord) -> str:
    """What stands on standard output at the end of a search. No escape codes, no control characters."""
    board = leaderboard(record)
    rows = _top_rows(board)
    surplus = len(board.rows) - len(rows)
    omission = f"{plural(surplus, 'more trial')} in {record.folder}/leaderboard.md." if surplus else ""
    ways = [f"{command.title}:\n  {command.text}" for command in commands(record)]
    parts = [
        _wrapped(verdict(board)),
        "\n".join(_wrapped(line, bullet="! ") for line in warnings(board)),
        "\n".join([*_aligned(short_table(board, rows)), omission]).rstrip() if rows else "",
        "\n".join(_wrapped(line, bullet="  ") for line in footnotes(board, rows)) if rows else "",
        "\n".join([f"Report:\n  {report_file(record)}", *ways]),
    ]
    return _printable("\n\n".join(part for part in parts if part))


def _top_rows(board: Leaderboard) -> list[LeaderboardRow]:
    """The best of every method and the scored trials, as many as there is room for, in order of rank."""
    best = [row for row in board.best_per_method.values() if row]
    selection = [*best, *(row for row in board.scored if row not in best)][:MOST]
    return sorted(selection, key=board.rows.index)


def _aligned(table: Table) -> list[str]:
    cells = [list(table.titles), *([cell.text for cell in line] for line in table.lines)]
    cells += [[cell.text for cell in table.base]] if table.base else []
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [_line(line, widths, table.numeric) for line in cells]


def _line(cells: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> str:
    columns = zip(cells, widths, numeric, strict=True)
    return "  ".join(
        cell.rjust(width) if right else cell.ljust(width) for cell, width, right in columns
    ).rstrip()


def _wrapped(line: str, bullet: str = "") -> str:
    return textwrap.fill(line, WIDTH, initial_indent=bullet, subsequent_indent=" " * len(bullet))


def _printable(content: str) -> str:
    return "".join(sign for sign in content if sign.isprintable() or sign == "\n")
