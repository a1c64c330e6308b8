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
    sentences = []
    if tasks.scored and tuned[0].score is not None:
        number = with_interval(tuned[0].score, tuned[0].interval)
        sentences.append(
            f"{tuned[0].method} has the highest mean over {plural(len(tasks.scored), 'task')}: {number}."
        )
        sentences += _tested(board, tuned)
    if tasks.written and tasks.written != tasks.scored:
        best = max(tuned, key=lambda line: line.written or 0)
        differs = best.method != tuned[0].method
        sentences.append(
            f"Without those answered by YES or NO, over {plural(len(tasks.written), 'task')}, it is "
            f"{best.method if differs else 'the same'} with {percent(best.written)}"
            f"{': the mix of tasks decides.' if differs else '.'}"
        )
    for name, claim in (
        ("change", "changes least under perturbation: RC@1"),
        ("weak", "writes least weakness:"),
    ):
        values = [(value, line.method) for line in tuned if (value := getattr(line, name)) is not None]
        if values and (len(values) == 1 or min(values)[0] < max(values)[0]):
            sentences.append(f"{min(values)[1]} {claim} {percent(min(values)[0])}.")
    unscored = [method for method in board.methods if method not in {line.method for line in tuned}]
    return [*sentences, *([f"Not scored on every task: {listed(unscored)}."] if unscored else [])]


def _tested(board: Leaderboard, tuned: list[Overall]) -> list[str]:
    """What the paired test says of the first beside the others."""
    comparisons = beside_first(board)
    unpaired = [
        line.method for line in tuned[1:] if line.method not in {pair.other.name for pair in comparisons}
    ]
    if comparisons:
        phrases = "; it ".join(verdict_phrases(comparisons, unpaired))
        return [f"On the same problems, each task of the same weight, it {phrases}."]
    reason = "these means are not all over recorded problems, the same for every method"
    return [f"No paired comparison is possible: {reason}."] if unpaired else []


def _table(tasks: Tasks, lines: tuple[Overall, ...]) -> Table:
    columns = {
        "score": (f"mean score, {len(tasks.scored)} tasks (95 %)", tasks.scored),
        "written": (f"that of code, {len(tasks.written)} tasks", tasks.written),
        "change": ("mean RC@1", tasks.categories),
        "weak": ("insecure", tasks.secure),
    }
    if tasks.written == tasks.scored:
        del columns["written"]
    names = [name for name, (_, sources) in columns.items() if sources]
    cells: list[list[Cell | str]] = [
        [line.method, line.trial or "", *(_cell(line, name) for name in names)] for line in lines
    ]
    return table([("method", False), ("trial", False), *((columns[name][0], True) for name in names)], cells)


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
