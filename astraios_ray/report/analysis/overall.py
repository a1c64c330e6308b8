"""Every method over all tasks of a study: mean score, mean change under perturbation, share of weak programs.

Astraios (arXiv 2401.00788) ranks methods by a "mean cumulative score" over tasks and by the mean of RC@1; it
does not print its weights. Here each task weighs the same, however many problems it has, and a task in two
languages is two tasks. That reproduces the means of the official generations.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum, inf, sqrt
from statistics import fmean

from astraios_ray.records import Score, TrialResult
from astraios_ray.report.analysis.leaderboard import Leaderboard, LeaderboardRow, interval, metric, score_of
from astraios_ray.report.analysis.metric_names import ANSWERED, CHANGE, COVERED, WEAK
from astraios_ray.report.analysis.paired_comparison import Contender, Pair, trials_of, verdicts


@dataclass(frozen=True)
class Overall:
    """One method, by one trial, over all tasks. All numbers are fractions; None where no task gives one."""

    method: str
    trial: str | None  # None: the untuned model
    score: float | None  # mean over ``scored``; higher is better
    interval: tuple[float, float] | None  # 95 %
    written: float | None  # mean over those of ``scored`` that ask for code
    change: float | None  # mean RC@1 over categories of perturbations; lower is better
    weak: float | None  # mean share of weak programs among the valid ones; lower is better


@dataclass(frozen=True)
class Tasks:
    """A study's tasks by the mean that they count in. The first three fields hold labels."""

    scored: tuple[str, ...]
    written: tuple[str, ...]
    secure: tuple[str, ...]
    categories: tuple[str, ...]  # metrics that begin with ``CHANGE``


def tasks_of(board: Leaderboard) -> Tasks:
    """The tasks by which the study's models were scored. Robustness and security are in no mean score."""
    newest = _scores([*board.record.base_scores, *(s for r in board.record.results for s in r.scores)])
    robust = {name for name, score in newest.items() if _changes(score) or _is_robustness(score)}
    secure = {name for name, score in newest.items() if COVERED in score.metrics}
    scored = [name for name in board.tasks if name not in robust | secure]
    return Tasks(
        tuple(scored),
        tuple(name for name in scored if ANSWERED not in newest[name].metrics),
        tuple(name for name in board.tasks if name in secure),
        tuple(sorted({name for score in newest.values() for name in _changes(score)})),
    )


def overall(board: Leaderboard) -> tuple[Overall, ...]:
    """Every method that was scored on all tasks, the highest mean first; then the untuned model.

    A method is represented by its trial of least validation loss among those, trials at full length first, so
    that no score selects its own trial.
    """
    tasks, board_tasks = tasks_of(board), set(board.tasks)
    trials: dict[str, TrialResult] = {}
    for row in sorted(board.ranked, key=_by_loss):
        if board_tasks <= set(_scores(row.result.scores)):
            trials.setdefault(row.method, row.result)
    lines = [_summary(method, result.spec.id, result.scores, tasks) for method, result in trials.items()]
    lines.sort(key=lambda line: (-(line.score or 0), line.method))
    base = board.record.base_scores
    return (*lines, *([_summary("base", None, base, tasks)] if board_tasks <= set(_scores(base)) else []))


def beside_first(board: Leaderboard) -> tuple[Pair, ...]:
    """The method of the highest mean against each other one, on the problems of all tasks in the mean.

    A method is left out unless its mean is over recorded problems, the same ones as those of the first.
    """
    tasks, rows, trials = tasks_of(board).scored, {row.trial: row for row in board.ranked}, trials_of(board)
    sides = [
        _contender(rows[line.trial], tasks, trials[line.method]) for line in overall(board) if line.trial
    ]
    return verdicts(
        [(sides[0], rival) for rival in sides[1:] if rival.solved.keys() == sides[0].solved.keys()]
    )


def _contender(row: LeaderboardRow, tasks: Sequence[str], trials: int) -> Contender:
    scores = row.result.scores
    repeats = [_weighed(r.scores, tasks) for r in row.seeds if set(tasks) <= set(_scores(r.scores))]
    means = tuple(fmean(shares.values()) for shares in repeats if shares)
    return Contender(
        row.method,
        row.trial,
        _weighed(scores, tasks),
        trials=trials,
        seeds=means if len(means) > 1 else (),
        groups=_groups(scores, tasks),
        highest=_highest(scores, tasks),
    )


def _weighed(scores: Sequence[Score], tasks: Sequence[str]) -> dict[str, float]:
    """The share solved of every task's problems, scaled so that each task weighs the same in their mean.

    Empty where a score is no mean over recorded problems.
    """
    task_scores = [_scores(scores)[task] for task in tasks]
    if not task_scores or not all(score.is_mean_of_solved for score in task_scores):
        return {}
    fewest = min(len(score.solved) for score in task_scores)
    return {
        f"{score.evaluator}: {problem}": share * fewest / len(score.solved)
        for score in task_scores
        for problem, share in score.solved.items()
    }


def _highest(scores: Sequence[Score], tasks: Sequence[str]) -> float:
    """The mean of ``_weighed`` of a model that solves everything."""
    problems = [len(_scores(scores)[task].solved) for task in tasks]
    return len(problems) * min(problems) / sum(problems) if any(problems) else 1.0


def _groups(scores: Sequence[Score], tasks: Sequence[str]) -> dict[str, str]:
    """The groups of the problems of ``_weighed``; one group may have problems in several tasks."""
    newest = _scores(scores)
    return {f"{task}: {problem}": group for task in tasks for problem, group in newest[task].groups.items()}


def _by_loss(row: LeaderboardRow) -> tuple[bool, float]:
    return not row.full_length, inf if row.validation_loss is None else row.validation_loss


def _summary(method: str, trial: str | None, scores: Sequence[Score], tasks: Tasks) -> Overall:
    newest = _scores(scores)
    changes = [value for score in newest.values() for value in _changes(score).values()]
    weak_shares = [value for name in tasks.secure if (value := metric(newest[name], WEAK)) is not None]
    value, code_score = (_mean([newest[name] for name in names]) for names in (tasks.scored, tasks.written))
    span = _interval([newest[name] for name in tasks.scored])
    mean_change = fmean(changes) if changes and len(changes) == len(tasks.categories) else None
    return Overall(
        method, trial, value, span, code_score, mean_change, fmean(weak_shares) if weak_shares else None
    )


def _mean(scores: Sequence[Score]) -> float | None:
    values = [value for score in scores if (value := metric(score, score.ranking)) is not None]
    return fmean(values) if values else None


def _interval(scores: Sequence[Score]) -> tuple[float, float] | None:
    """Of a mean of independent tasks: each side is the root of the summed squares of the tasks' sides."""
    spans = [(metric(score, score.ranking), interval(score, score.ranking)) for score in scores]
    estimates = [(value, *span) for value, span in spans if value is not None and span is not None]
    if not estimates or len(estimates) < len(scores):
        return None
    mean = fmean(value for value, _, _ in estimates)
    below = sqrt(fsum((value - low) ** 2 for value, low, _ in estimates)) / len(estimates)
    above = sqrt(fsum((high - value) ** 2 for value, _, high in estimates)) / len(estimates)
    return max(0.0, mean - below), min(1.0, mean + above)


def _scores(scores: Sequence[Score]) -> dict[str, Score]:
    """The newest usable score of every task."""
    newest = {score.evaluator: score_of(scores, score.evaluator) for score in scores}
    return {name: score for name, score in newest.items() if score}


def _changes(score: Score) -> Mapping[str, float]:
    return {name: value for name, value in score.metrics.items() if name.startswith(CHANGE)}


def _is_robustness(score: Score) -> bool:
    return score.ranking.startswith("robust_")
