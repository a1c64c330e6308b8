"""The leaderboard as Markdown."""

import re
from collections.abc import Sequence
from html import escape

from astraios_ray.report.analysis.leaderboard import Leaderboard
from astraios_ray.report.sections.conclusion import ranking, verdict, warnings
from astraios_ray.report.sections.section import Section
from astraios_ray.report.tables import Cell, Table, broken_trials, footnotes, methods_table, trials_table

SPECIAL = re.compile(r"([\\`*|\[\]~$#])")


def markdown(board: Leaderboard, sections: Sequence[Section] = ()) -> str:
    """The whole leaderboard: verdict, warnings, best per method, the report's parts in words, every trial."""
    parts = [
        f"# {plain(board.record.name)}",
        *opening(board),
        "## Best per method",
        table(methods_table(board)),
        *(text for part in sections for text in (f"## {plain(part.title)}", bullets(part.sentences))),
        "## All trials",
        f"Ranked {plain(ranking(board))}.",
        table(trials_table(board)),
        bullets(footnotes(board)),
    ]
    reasons = [f"{trial}: {reason}" for trial, reason in broken_trials(board)]
    if reasons:
        parts += ["## Diverged and failed trials", bullets(reasons)]
    return "\n\n".join(part for part in parts if part) + "\n"


def opening(board: Leaderboard) -> list[str]:
    """The verdict, and what a reader must know before relying on it."""
    return [f"**{plain(verdict(board))}**", bullets(warnings(board))]


def bullets(lines: tuple[str, ...] | list[str]) -> str:
    """One bullet per line; nothing for none."""
    return "\n".join(f"- {plain(line)}" for line in lines)


def table(content: Table) -> str:
    """A table in GitHub's dialect; the untuned base's line, if any, is the last."""
    rule = ["---:" if numeric else "---" for numeric in content.numeric]
    lines = [*content.lines, *([content.base] if content.base else [])]
    return "\n".join(
        [_line(list(map(plain, content.titles))), _line(rule), *(_line(_texts(line)) for line in lines)]
    )


def plain(text: str) -> str:
    """``text`` on one line, with everything escaped that Markdown or HTML would read as markup."""
    return escape(SPECIAL.sub(r"\\\1", " ".join(text.split())), quote=False)


def _texts(line: tuple[Cell, ...]) -> list[str]:
    return [plain(cell.text) for cell in line]


def _line(texts: list[str]) -> str:
    return f"| {' | '.join(texts)} |"
