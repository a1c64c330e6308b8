"""The short verdict that stands on a study's parent run in MLflow."""

from dataclasses import replace

from astraios_ray.records import StudyRecord
from astraios_ray.report.leaderboard import leaderboard
from astraios_ray.report.markdown import bullets, opening, table
from astraios_ray.report.tables import footnotes, methods_table

LONGEST = (
    8000  # characters: what a tag's value may have in MLflow (mlflow/utils/validation.py, MAX_TAG_VAL_LENGTH)
)


def note(record: StudyRecord) -> str:
    """Markdown: the verdict, the best trial of every method, what the columns mean. Fits one MLflow tag."""
    board = leaderboard(record)
    best = methods_table(board)
    for kept in range(len(best.lines), -1, -1):
        shown = replace(best, lines=best.lines[:kept])
        cut = len(best.lines) - kept
        rest = bullets([f"{cut} more methods in leaderboard.md."] if cut else [])
        parts = [*opening(board), table(shown), rest, bullets(footnotes(board))]
        text = "\n\n".join(part for part in parts if part)
        if len(text) <= LONGEST:
            return text
    return text[: LONGEST - 1] + "…"
