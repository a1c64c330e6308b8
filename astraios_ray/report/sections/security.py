"""How much of what each method writes compiles, is weak, and could be judged at all."""

from collections.abc import Mapping, Sequence

from astraios_ray.records import Score
from astraios_ray.report.analysis.leaderboard import Leaderboard, metric
from astraios_ray.report.analysis.metric_names import CLEAN, COVERED, JUDGE, LANGUAGE, VALID, WEAK
from astraios_ray.report.analysis.scored_models import Model, models_on, tasks_with
from astraios_ray.report.sections.scored import count_cell, share, share_cell, unscored, values
from astraios_ray.report.sections.section import Section, table
from astraios_ray.report.tables import Cell, Table
from astraios_ray.report.wording import NOTHING, listed, percent, plural

TITLE = "Is what it writes secure?"


def security_section(board: Leaderboard) -> Section | None:
    """Valid, weak and clean programs by method, with what was judged. None when no such task was asked."""
    by_task = programs(board)
    if not by_task:
        return None
    overview = [(f"Programs on {task}", _table(models)) for task, models in by_task.items()]
    languages = [
        (f"Valid programs on {task} by language (95 %)", _languages(models, names))
        for task, models in by_task.items()
        if (names := _names(models, LANGUAGE))
    ]
    plain = {
        task: [values(model, (VALID, WEAK, CLEAN, COVERED)) for model in models]
        for task, models in by_task.items()
    }
    words = tuple(sentence for task, models in by_task.items() for sentence in _answer(task, models))
    return Section("security", TITLE, words, (*overview, *languages), _notes(by_task), plain)


def programs(board: Leaderboard) -> dict[str, tuple[Model, ...]]:
    """The security tasks that were asked, each with its models."""
    return {task: models_on(board, task) for task in tasks_with(board, COVERED)}


def _names(models: Sequence[Model], prefix: str) -> list[str]:
    return sorted({name for model in models for name in model.score.metrics if name.startswith(prefix)})


def _answer(task: str, models: Sequence[Model]) -> list[str]:
    tuned = [model for model in models if model.row] or list(models)
    best = max(tuned, key=lambda model: metric(model.score, CLEAN) or 0.0)
    sentences = [
        f"On {task}, {best.name} writes most that is valid and clean: "
        f"{_share_of(best.score, CLEAN, 'sample')}."
    ]
    judged = [model for model in tuned if metric(model.score, WEAK) is not None]
    if judged:
        least = min(judged, key=lambda model: metric(model.score, WEAK) or 0.0)
        sentences.append(
            f"{least.name} has the smallest share of weak ones, {_share_of(least.score, WEAK, 'program')}."
        )
    unjudged = [model.name for model in tuned if model not in judged]
    if unjudged:
        sentences.append(
            f"No program that a judge could read, so nothing known of weakness: {listed(unjudged)}."
        )
    return sentences


def _share_of(score: Score, name: str, noun: str) -> str:
    count = score.counts.get(name)
    return share(score, name) + (f" of {plural(count, noun)}" if count is not None else "")


def _table(models: Sequence[Model]) -> Table:
    titles = ("valid (95 %)", "samples", "weak (95 %)", "programs judged", "valid and clean (95 %)")
    lines = [
        [
            Cell(model.name),
            Cell(model.trial or NOTHING),
            share_cell(model.score, VALID),
            count_cell(model.score, VALID),
            share_cell(model.score, WEAK),
            count_cell(model.score, WEAK),
            share_cell(model.score, CLEAN),
            _coverage(model.score, COVERED),
        ]
        for model in models
    ]
    numbers = ((title, True) for title in (*titles, "scenarios with a judge"))
    return table([("method", False), ("trial", False), *numbers], lines)


def _languages(models: Sequence[Model], names: Sequence[str]) -> Table:
    lines = [[Cell(model.name), *(share_cell(model.score, name) for name in names)] for model in models]
    return table([("method", False), *((name.removeprefix(LANGUAGE), True) for name in names)], lines)


def _coverage(score: Score, name: str) -> Cell:
    part, total = metric(score, name), score.counts.get(name)
    if part is None or total is None:
        return Cell(percent(part), part)
    return Cell(f"{round(part * total)} of {total}", part)


def _notes(by_task: Mapping[str, Sequence[Model]]) -> tuple[str, ...]:
    lost_samples = sum(map(unscored, by_task.values()))
    return (
        "Weak: among the valid programs that a judge read, by its rules. What has no judge counts as valid, "
        "never as clean or weak. Valid and clean is of all samples, so what has no judge lowers it.",
        *(_judges(task, models) for task, models in by_task.items()),
        "Shares are over samples of all scenarios together, intervals by bootstrap over scenarios. "
        "Rules of different judges find different things: compare methods of one study, not papers.",
        *([f"{plural(lost_samples, 'sample')} without a verdict."] if lost_samples else []),
    )


def _judges(task: str, models: Sequence[Model]) -> str:
    score = models[0].score
    coverages = [
        f"{name.removeprefix(JUDGE)} {_coverage(score, name).text}" for name in _names(models[:1], JUDGE)
    ]
    return f"Judges of {task}, by scenarios: {listed(coverages) or 'none'}."
