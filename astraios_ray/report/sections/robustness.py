"""How many problems each method still solves when its prompts change but keep their meaning."""

from collections.abc import Mapping, Sequence

from astraios_ray.report.analysis.leaderboard import Leaderboard, metric
from astraios_ray.report.analysis.metric_names import CHANGE, SOUND, WORST
from astraios_ray.report.analysis.scored_models import Model, models_on, tasks_with
from astraios_ray.report.sections.scored import count_cell, share, share_cell, unscored, values
from astraios_ray.report.sections.section import Section, table
from astraios_ray.report.tables import Cell, Table
from astraios_ray.report.wording import NOTHING, percent, plural

TITLE = "Does it stay right when prompts change?"


def robustness_section(board: Leaderboard) -> Section | None:
    """RP@1 and RC@1 by category of changes. None when no such task was asked."""
    by_category = categories(board)
    if not by_category:
        return None
    overview = [
        (f"Changes of {category}", _category(models, category)) for category, models in by_category.items()
    ]
    single = [
        (f"Changes of {category}, each alone: RP@1 (95 %)", _transformations(models, names))
        for category, models in by_category.items()
        if (names := _single(models, category))
    ]
    plain = {
        category: [
            values(model, (WORST + category, CHANGE + category, "pass_at_1", SOUND + category))
            for model in models
        ]
        for category, models in by_category.items()
    }
    words = tuple(_answer(category, models) for category, models in by_category.items())
    return Section("robustness", TITLE, words, (*overview, *single), _notes(by_category), plain)


def categories(board: Leaderboard) -> dict[str, tuple[Model, ...]]:
    """The categories of changes that were asked for, each with its models."""
    by_task = {task: models_on(board, task) for task in tasks_with(board, WORST)}
    return {models[0].score.ranking.partition("/")[2] or task: models for task, models in by_task.items()}


def _single(models: Sequence[Model], category: str) -> list[str]:
    names = {name.removeprefix(WORST) for m in models for name in m.score.metrics if name.startswith(WORST)}
    return sorted(names - {category})


def _answer(category: str, models: Sequence[Model]) -> str:
    tuned = [model for model in models if model.row] or list(models)
    name = WORST + category
    best = max(tuned, key=lambda model: metric(model.score, name) or 0.0)
    changes = [(value, m.name) for m in tuned if (value := metric(m.score, CHANGE + category)) is not None]
    least = f" {min(changes)[1]} changes least, RC@1 {percent(min(changes)[0])}." if changes else ""
    over = count_cell(best.score, name).text
    return (
        f"Under changes of {category}, {best.name} solves most whatever is changed: RP@1 "
        f"{share(best.score, name)} over {over} problems.{least}"
    )


def _category(models: Sequence[Model], category: str) -> Table:
    titles = ("RP@1 (95 %)", "pass@1 unchanged (95 %)", "RC@1", "problems", "sound prompts")
    lines = [
        [
            Cell(model.name),
            Cell(model.trial or NOTHING),
            share_cell(model.score, WORST + category),
            share_cell(model.score, "pass_at_1"),
            share_cell(model.score, CHANGE + category),
            count_cell(model.score, WORST + category),
            share_cell(model.score, SOUND + category),
        ]
        for model in models
    ]
    return table([("method", False), ("trial", False), *((title, True) for title in titles)], lines)


def _transformations(models: Sequence[Model], names: Sequence[str]) -> Table:
    lines = [[Cell(name), *(share_cell(model.score, WORST + name) for model in models)] for name in names]
    return table([("change", False), *((model.name, True) for model in models)], lines)


def _notes(by_category: Mapping[str, Sequence[Model]]) -> tuple[str, ...]:
    lost_samples = sum(map(unscored, by_category.values()))
    return (
        "RP@1: the share of problems solved under every change of a category (ReCode). RC@1: how far that is "
        "from pass@1 on the same problems unchanged (Astraios); lower is better, but also 0 for a model that "
        "solves nothing.",
        "A changed prompt whose own reference fails counts as a failure; sound prompts are the others. "
        "A method stands with its highest-ranked trial that was scored.",
        "Which problems a model solves under every change is not recorded, so no paired comparison of RP@1 "
        "is possible, and a higher one may be luck.",
        *([f"{plural(lost_samples, 'sample')} without a verdict."] if lost_samples else []),
    )
