"""The order of a study's trials: by score where there is one, by validation loss below."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from astraios_ray.config.tasks import parse_task
from astraios_ray.records import SIZES, Score, StudyRecord, TrialResult, Value
from astraios_ray.report.analysis.repeated_trials import finished_repeats, pooled, with_repeats
from astraios_ray.report.wording import finite

MORE_SIZES = ("rank", "num_virtual_tokens")  # as peft calls them; also any `…_size`


@dataclass(frozen=True)
class LeaderboardRow:
    """One trial's line. ``rank`` is None for a trial that cannot be ranked."""

    rank: int | None
    result: TrialResult  # of a trial that was repeated: with its repeats' means
    score: Score | None  # of the task that ranks; None without a usable one
    repeats: tuple[TrialResult, ...] = ()  # of the same configuration with other seeds, in any state

    @property
    def method(self) -> str:
        """The method's name."""
        return self.result.spec.method

    @property
    def trial(self) -> str:
        """The trial's id, ``t0007``."""
        return self.result.spec.id

    @property
    def size(self) -> dict[str, Value]:
        """The hyperparameters that set the method's size, by name. Empty for a method without one."""
        return {name: value for name, value in self.result.spec.hyperparameters.items() if is_size(name)}

    @property
    def validation_loss(self) -> float | None:
        """The newest validation loss in nats per token; None when there is none or it is not finite."""
        return finite(self.result.last.loss) if self.result.last else None

    @property
    def step(self) -> int | None:
        """The optimiser step at which ``validation_loss`` was measured."""
        return self.result.last.step if self.result.last else None

    @property
    def full_length(self) -> bool:
        """Whether the loss was measured at the last step. Only such losses are comparable."""
        return self.step is not None and self.step >= self.result.spec.recipe.max_steps

    @property
    def seeds(self) -> tuple[TrialResult, ...]:
        """The repeats that its numbers are means of; empty where the numbers are the trial's own."""
        return finished_repeats(self.repeats)

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of the score that ranks."""
        return interval(self.score, ranking_of(self.score))

    @property
    def value(self) -> float | None:
        """The score that ranks, a fraction."""
        return metric(self.score, ranking_of(self.score))


@dataclass(frozen=True)
class Leaderboard:
    """A study's trials in order. ``task`` is the evaluator that ranks, None when nothing was scored."""

    record: StudyRecord
    task: str | None
    rows: tuple[LeaderboardRow, ...]
    base: Score | None  # the untuned model's score on ``task``
    elsewhere: tuple[TrialResult, ...] = ()  # of other training sets: they do not compete

    @property
    def ranking(self) -> str:
        """The metric that ranks, as its evaluator names it."""
        return ranking_of(next((row.score for row in self.rows if row.score), self.base))

    @property
    def ranked(self) -> tuple[LeaderboardRow, ...]:
        """The rows that have a rank."""
        return tuple(row for row in self.rows if row.rank is not None)

    @property
    def scored(self) -> tuple[LeaderboardRow, ...]:
        """The ranked rows that have a score."""
        return tuple(row for row in self.ranked if row.score is not None)

    @property
    def methods(self) -> tuple[str, ...]:
        """Every method of the study, in the study file's order; then any other that has a trial."""
        study_methods = section(self.record.config, "methods")
        return tuple(dict.fromkeys([*study_methods, *sorted(row.method for row in self.rows)]))

    @property
    def best_per_method(self) -> dict[str, LeaderboardRow | None]:
        """The first row of every method of the study; None for a method without a trial."""
        first: dict[str, LeaderboardRow | None] = dict.fromkeys(self.methods)
        for row in reversed(self.rows):
            first[row.method] = row
        return first

    @property
    def tasks(self) -> tuple[str, ...]:
        """Every evaluator that scored a trial or the base, the ranking one first."""
        return tuple(dict.fromkeys([*([self.task] if self.task else []), *_evaluators(self.record)]))


def leaderboard(record: StudyRecord) -> Leaderboard:
    """Rank the trials of ``record``.

    Trials with a usable score come first, by its ranking metric and then by loss. Trials at full length
    follow, by validation loss. Shorter ones come after them, the longest first, because losses at different
    steps are not comparable. Among scored trials, and among those at full length, trials that were repeated
    with other seeds come before the others and count with the means of their repeats. Diverged, failed and
    unmeasured trials come last, without a rank. Where a study has several training sets, only the trials of
    the first are ranked and in the board's record; the others are ``elsewhere``. A partial study raises
    nothing.
    """
    record, elsewhere = _competing(record)
    task = _ranking_task(record)
    rows = [_row(result, repeats, task) for result, repeats in with_repeats(record.results)]
    by_rank = sorted(rows, key=_order)
    ranked = sum(_order(row)[0] < UNRANKED for row in rows)
    numbered = [
        replace(row, rank=place if place <= ranked else None) for place, row in enumerate(by_rank, start=1)
    ]
    return Leaderboard(record, task, tuple(numbered), score_of(record.base_scores, task), elsewhere)


def _competing(record: StudyRecord) -> tuple[StudyRecord, tuple[TrialResult, ...]]:
    sets = section(record.config, "ood").get("training_sets") or ("",)
    elsewhere = tuple(r for r in record.results if r.spec.training_set not in ("", sets[0]))
    return replace(record, results=tuple(r for r in record.results if r not in elsewhere)), elsewhere


UNRANKED = 3


def _row(result: TrialResult, repeats: tuple[TrialResult, ...], task: str | None) -> LeaderboardRow:
    mean_result = pooled(result, repeats)
    return LeaderboardRow(None, mean_result, score_of(mean_result.scores, task), repeats)


def _order(row: LeaderboardRow) -> tuple[float, ...]:
    number = row.result.spec.number
    value, step = row.validation_loss, row.step
    if not row.result.rankable or value is None or step is None:
        return (UNRANKED, number)
    if row.value is not None:
        return (0, not row.seeds, -row.value, value, number)
    if row.full_length:
        return (1, not row.seeds, value, number)
    return (2, -step, value, number)


def is_size(name: str) -> bool:
    """Whether a hyperparameter of this name sets its method's size."""
    return name in SIZES or name in MORE_SIZES or name.endswith("_size")


def ranking_of(score: Score | None) -> str:
    """The metric by which a score ranks; pass@1 where there is no score."""
    return score.ranking if score else "pass_at_1"


def metric(score: Score | None, name: str) -> float | None:
    """A metric of a score; None when it is missing or not finite."""
    return finite(score.metrics.get(name)) if score else None


def interval(score: Score | None, name: str) -> tuple[float, float] | None:
    """The 95 % interval of a metric; None when it is missing or not finite."""
    low, high = score.intervals.get(name, (float("nan"),) * 2) if score else (None, None)
    low, high = finite(low), finite(high)
    return None if low is None or high is None else (low, high)


def score_of(scores: Iterable[Score], task: str | None) -> Score | None:
    """The newest usable score of ``task``: one with its ranking metric and a denominator."""
    usable = [score for score in scores if score.evaluator == task and _usable(score)]
    return usable[-1] if usable else None


def section(config: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A block of the resolved study file; empty when the record has none."""
    block = config.get(name)
    return block if isinstance(block, Mapping) else {}


def _usable(score: Score) -> bool:
    return score.problems > 0 and score.samples > 0 and metric(score, score.ranking) is not None


def _ranking_task(record: StudyRecord) -> str | None:
    """The study's first task by which a trial was scored."""
    scored = {score.evaluator for result in record.results for score in result.scores if _usable(score)}
    labels = [parse_task(str(task)).label for task in section(record.config, "evaluate").get("tasks") or ()]
    return next((task for task in [*labels, *_evaluators(record)] if task in scored), None)


def _evaluators(record: StudyRecord) -> list[str]:
    scores = [*record.base_scores, *(score for result in record.results for score in result.scores)]
    return list(dict.fromkeys(score.evaluator for score in scores if _usable(score)))
