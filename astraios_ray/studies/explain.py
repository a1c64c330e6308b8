"""What a study found, in plain words by fixed rules."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from astraios_ray.report.analysis.leaderboard import Leaderboard
from astraios_ray.report.render.document import document
from astraios_ray.report.sections.collect import sections
from astraios_ray.report.sections.conclusion import verdict, warnings
from astraios_ray.report.sections.section import Section
from astraios_ray.studies.run import Run, open_run


@dataclass(frozen=True)
class Explanation:
    """The answer, what limits it, and the report's parts, each with its sentences and figures."""

    board: Leaderboard
    parts: tuple[Section, ...]

    @property
    def verdict(self) -> str:
        """Which trial is the best, and by how much."""
        return verdict(self.board)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to know before relying on it."""
        return tuple(warnings(self.board))

    def document(self) -> dict[str, Any]:
        """Plain values: verdict, warnings and the parts' words and figures."""
        content = document(self.board, self.parts)
        summary = {key: content[key] for key in ("study", "complete", "verdict", "warnings")}
        return {**summary, "analysis": content.get("analysis")}


def explain(run: Run | Path | str) -> Explanation:
    """What a study found, and how far to trust it. ``run`` is as for ``open_run``, with its errors."""
    board = open_run(run).board
    return Explanation(board, tuple(sections(board)))
