"""Which method is best over all tasks together."""

from dataclasses import asdict

from astraios_ray.report.analysis.leaderboard import Leaderboard, ranking_of, score_of
from astraios_ray.report.analysis.metric_names import CHANGE
from astraios_ray.report.analysis.overall import Overall, Tasks, beside_first, overall, tasks_of
from astraios_ray.report.sections.pairwise import verdict_phrases
from astraios_ray.report.sections.section import Section, table
from astraios_ray.report.tables import Cell, Table
from astraios_ray.report.wording import listed, percent, plural, title, with_interval

TITLE = "Over all tasks"


def overall_section(board: Leaderboard) -> Section | None:
    """Mean score, mean RC@1 and share of weak programs per method; None for a study of fewer than 2 tasks."""
    if len(board.tasks) < 2:
        return None
    tasks, lines = tasks_of(board), overall(board)
    tuned = [line for line in lines if line.trial]
    if not tuned:
        return Section("overall", TITLE, ("Unknown: no trial was scored on every task.",))
    return Section(
        "overall",
        TITLE,
        (*_sentences(board, tasks, tuned),),
        (("Means over tasks", _table(tasks, lines)),),
        _notes(board, tasks),
        {"tasks": asdict(tasks), "methods": [asdict(line) for line in lines]},
    )


def _sentences(board: Leaderboard, tasks: Tasks, tuned: list[Overall]) -> list[str]:
    said = []
    if tasks.scored and tuned[0].score is not None:
        number = with_interval(tuned[0].score, tuned[0].interval)
        said.append(
            f"{tuned[0].method} has the highest mean over {plural(len(tasks.scored), 'task')}: {number}."
        )
        said += _tested(board, tuned)
    if tasks.written and tasks.written != tasks.scored:
        best = max(tuned, key=lambda line: line.written or 0)
        other = best.method != tuned[0].method
        said.append(
            f"Without those answered by YES or NO, over {plural(len(tasks.written), 'task')}, it is "
            f"{best.method if other else 'the same'} with {percent(best.written)}"
            f"{': the mix of tasks decides.' if other else '.'}"
        )
    for name, what in (
        ("change", "changes least under perturbation: RC@1"),
        ("weak", "writes least weakness:"),
    ):
        known = [(value, line.method) for line in tuned if (value := getattr(line, name)) is not None]
        if known and (len(known) == 1 or min(known)[0] < max(known)[0]):
            said.append(f"{min(known)[1]} {what} {percent(min(known)[0])}.")
    missing = [method for method in board.methods if method not in {line.method for line in tuned}]
    return [*said, *([f"Not scored on every task: {listed(missing)}."] if missing else [])]


def _tested(board: Leaderboard, tuned: list[Overall]) -> list[str]:
    """What the paired test says of the first beside the others."""
    found = beside_first(board)
    missing = [line.method for line in tuned[1:] if line.method not in {pair.other.name for pair in found}]
    if found:
        said = "; it ".join(verdict_phrases(found, missing))
        return [f"On the same problems, each task of the same weight, it {said}."]
    why = "these means are not all over recorded problems, the same for every method"
    return [f"No paired comparison is possible: {why}."] if missing else []


def _table(tasks: Tasks, lines: tuple[Overall, ...]) -> Table:
    asked = {
        "score": (f"mean score, {len(tasks.scored)} tasks (95 %)", tasks.scored),
        "written": (f"that of code, {len(tasks.written)} tasks", tasks.written),
        "change": ("mean RC@1", tasks.categories),
        "weak": ("insecure", tasks.secure),
    }
    if tasks.written == tasks.scored:
        del asked["written"]
    shown = [name for name, (_, of) in asked.items() if of]
    cells: list[list[Cell | str]] = [
        [line.method, line.trial or "", *(_cell(line, name) for name in shown)] for line in lines
    ]
    return table([("method", False), ("trial", False), *((asked[name][0], True) for name in shown)], cells)


def _cell(line: Overall, name: str) -> Cell:
    value = getattr(line, name)
    text = with_interval(value, line.interval) if name == "score" else percent(value)
    return Cell(text, None if value is None else 100 * value)


def _notes(board: Leaderboard, tasks: Tasks) -> tuple[str, ...]:
    notes = [
        "A method stands with its trial of least validation loss among those scored on every task, so that "
        "no score chooses its own trial.",
    ]
    if tasks.scored:
        named = [f"{name} ({title(_ranking(board, name))})" for name in tasks.scored]
        notes.append(
            f"Mean score: each of {plural(len(named), 'task')} weighs the same, whatever its problems: "
            f"{listed(named)}. Intervals are of independent tasks, and know no other training seed."
        )
    if tasks.categories:
        named = [name.removeprefix(CHANGE) for name in tasks.categories]
        notes.append(
            f"Mean RC@1, |pass@1 - robust pass@1|: each category weighs the same: {listed(named)}. Lower is "
            "steadier, and a model that solves nothing has 0."
        )
    if tasks.secure:
        notes.append(
            f"Insecure: of valid programs that a judge read, each weighs the same: {listed(tasks.secure)}."
        )
    return tuple(notes)


def _ranking(board: Leaderboard, task: str) -> str:
    scores = [*board.record.base_scores, *(s for row in board.ranked for s in row.result.scores)]
    return ranking_of(score_of(scores, task))
