"""The short verdict that stands on a study's parent run in MLflow."""

from collections.abc import Sequence

from astraios_ray.records import StudyRecord
from astraios_ray.report.analysis.leaderboard import leaderboard
from astraios_ray.report.render.markdown import bullets, opening, table
from astraios_ray.report.sections.section import Section
from astraios_ray.report.tables import footnotes, methods_table
from astraios_ray.report.wording import plural

LONGEST = (
    8000  # characters: what a tag's value may have in MLflow (mlflow/utils/validation.py, MAX_TAG_VAL_LENGTH)
)


def note(record: StudyRecord, parts: Sequence[Section] = ()) -> str:
    """Markdown: the verdict, each part's answer, the best trial of every method, what the columns mean.

    Fits one MLflow tag: of very many methods only the first are shown, with how many are not.
    """
    board = leaderboard(record)
    answers = [f"{part.title}: {part.sentences[0]}" for part in parts if part.sentences]
    above = "\n\n".join(part for part in (*opening(board), bullets(answers)) if part)
    rows = table(methods_table(board)).splitlines()
    below = bullets(footnotes(board))
    for cut in range(len(rows)):
        omission = [f"{plural(cut, 'more method')} in leaderboard.md."] if cut else []
        text = "\n\n".join([above, "\n".join(rows[: len(rows) - cut]), *omission, below])
        if len(text) <= LONGEST:
            return text
    return above[: LONGEST - 1] + "\u2026"
