"""What training without a region costs there: a method's scores over those of training on everything."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from astraios_ray.errors import ConfigError
from astraios_ray.records import Score, StudyRecord, TrialResult, TrialState
from astraios_ray.report.analysis.leaderboard import section
from astraios_ray.report.analysis.repeated_trials import pooled, with_repeats

FULL = "full"
SETS = (FULL, "few", "ood")
SIDES = ("region", "rest")
SAME = ("model", "data", "training", "methods", "defaults", "search", "budget", "early_stop", "evaluate")
"""Blocks that must be equal in all studies, so that only the training set differs."""


@dataclass(frozen=True)
class RegionScore:
    """One metric on one side of the region's border. ``trial`` is None for the untuned model."""

    method: str
    training_set: str
    task: str
    metric: str
    side: str
    value: float
    interval: tuple[float, float] | None
    count: int  # what the metric is a mean over
    ratio: float | None  # to the same method trained on ``full``; None there, and where that is 0
    trial: str | None


def scenarios(records: Sequence[StudyRecord]) -> list[RegionScore]:
    """Every metric of every method on both sides, of studies that differ in ``ood.training_sets`` alone.

    One study with several training sets is enough. A method is represented by its scored trial of least
    validation loss, so that no score selects its own trial. The untuned model comes first, as method
    ``base``. Raises ConfigError where the studies cannot be compared, or where none trains on all rows.
    """
    by_set = _by_set(records)
    cells = [*_of_base(by_set[FULL])]
    reference: dict[tuple[str, ...], float] = {}
    for name in SETS:
        for trial, score in _least_loss_scores(by_set[name]) if name in by_set else ():
            for cell in _cells(score, trial.spec.method, name, trial.spec.id):
                key = (cell.method, cell.task, cell.metric, cell.side)
                if name == FULL:
                    reference[key] = cell.value
                cells.append(_related(cell, reference.get(key, 0.0)))
    return cells


def _by_set(records: Sequence[StudyRecord]) -> Mapping[str, StudyRecord]:
    errors = [f"{record.folder}: has no block ood" for record in records if not section(record.config, "ood")]
    by_set: dict[str, StudyRecord] = {}
    for record in records:
        for name in section(record.config, "ood").get("training_sets") or ():
            if name in by_set:
                errors.append(f"{record.folder}: trains on {name}, as {by_set[name].folder} does")
            by_set[name] = replace(
                record, results=tuple(r for r in record.results if r.spec.training_set == name)
            )
    if FULL not in by_set:
        errors.append(f"none of the studies has {FULL} in ood.training_sets, to which the others are related")
    errors += [
        f"{record.folder}: {block} is not that of {records[0].folder}"
        for record in records[1:]
        for block in (*SAME, "ood")
        if _without_set(record, block) != _without_set(records[0], block)
    ]
    if errors:
        raise ConfigError("\n".join(errors))
    return by_set


def _without_set(record: StudyRecord, block: str) -> Mapping[str, object]:
    values = section(record.config, block)
    sets = len(section(record.config, "ood").get("training_sets") or ("",))
    if block == "budget":  # which the sets of a study share
        return {**values, "trials": values.get("trials", 0) / sets}
    return {key: value for key, value in values.items() if key != "training_sets"}


def _least_loss_scores(record: StudyRecord) -> Iterator[tuple[TrialResult, Score]]:
    """Each method's scored trial of least loss, with each of its scores that has a region."""
    best: dict[str, TrialResult] = {}
    for result in [pooled(trial, repeats) for trial, repeats in with_repeats(record.results)]:
        if result.state is not TrialState.COMPLETE or not result.last or not result.scores:
            continue
        current = best.get(result.spec.method)
        if current is None or (current.last and result.last.loss < current.last.loss):
            best[result.spec.method] = result
    for method in sorted(best):
        yield from ((best[method], score) for score in best[method].scores if score.region)


def _of_base(record: StudyRecord) -> Iterator[RegionScore]:
    for score in record.base_scores:
        if score.region:
            yield from _cells(score, "base", FULL, None)


def _cells(score: Score, method: str, name: str, trial: str | None) -> Iterator[RegionScore]:
    for key, value in score.metrics.items():
        metric, _, side = key.rpartition("/")
        if side in SIDES:
            span, count = score.intervals.get(key), score.counts.get(key, 0)
            yield RegionScore(method, name, score.evaluator, metric, side, value, span, count, None, trial)


def _related(cell: RegionScore, full: float) -> RegionScore:
    if cell.training_set == FULL or not full:
        return cell
    return replace(cell, ratio=cell.value / full)
