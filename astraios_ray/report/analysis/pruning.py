"""What stopping trials early has cost, and how well an early loss predicts the last one."""

from collections.abc import Mapping
from dataclasses import dataclass

from scipy import stats

from astraios_ray.config.study import EarlyStopConfig
from astraios_ray.records import TrialState
from astraios_ray.report.analysis.leaderboard import Leaderboard, LeaderboardRow, section
from astraios_ray.report.statistics.agreement import Agreement, agreement
from astraios_ray.report.statistics.seeds import luck_of_two
from astraios_ray.report.wording import finite
from astraios_ray.search.budget_meter import SPENT
from astraios_ray.search.scheduler import rungs

MOST_RUNGS = 4  # shown; a scheduler that compares at every validation has many
ASSUMED_LUCK = 0.01  # of the best loss: what two seeds are taken to differ by where none were repeated


@dataclass(frozen=True)
class Luck:
    """By how much two training seeds of one configuration may differ, in nats per token."""

    loss: float
    measured: bool  # from the study's repeats; else a share of its best loss


@dataclass(frozen=True)
class Regret:
    """How losers that were allowed to finish ended, beside the trials that were kept.

    ``loss`` (nats per token) and ``score`` (a fraction) say how much better the best audited loser ended than
    the best that was kept; 0 when none did, None where it was not measured.
    """

    audited: int  # losers that finished
    losers: int  # those, and all that were stopped
    better: int  # audited losers with a lower loss than every trial kept
    luck: Luck
    most: float  # share of the losers that could be better, at 95 %: exact binomial bound
    loss: float | None
    score: float | None
    methods: Mapping[
        str, tuple[LeaderboardRow, LeaderboardRow]
    ]  # method -> audited loser that ended better by more than luck, best kept

    @property
    def by_luck(self) -> bool:
        """Whether another seed moves a loss as far as the best audited loser is ahead."""
        return self.loss is not None and self.loss <= self.luck.loss


@dataclass(frozen=True)
class RungAgreement:
    """How far the order of trials at a rung agrees with that at full length; None with too few trials."""

    pooled: Agreement | None
    within: Agreement | None  # of the orders within each method, all methods together


def rung_agreements(board: Leaderboard) -> dict[int, RungAgreement]:
    """The agreement at each rung below the last. Only finished trials count: survivors and audited losers."""
    finished = [row for row in board.ranked if row.full_length]
    return {step: _rung_agreement(step, finished) for step in _rungs(board)}


def regret(board: Leaderboard) -> Regret | None:
    """What early stopping has cost; None unless an audited loser and a survivor have finished."""
    finished = [row for row in board.ranked if row.full_length]
    audited = [row for row in finished if row.result.audited]
    survivors = [row for row in finished if not row.result.audited]
    if not audited or not survivors:
        return None
    best = min(_loss(row) for row in survivors)
    better = sum(_loss(row) < best for row in audited)
    luck = _luck(board, min(map(_loss, finished)))
    most = stats.binomtest(better, len(audited)).proportion_ci(0.95, method="exact").high
    return Regret(
        len(audited),
        len(audited) + stopped(board),
        better,
        luck,
        float(most),
        max(0.0, best - min(map(_loss, audited))),
        _by_score(audited, survivors),
        _by_method(audited, survivors, luck),
    )


def stopped(board: Leaderboard) -> int:
    """Trials that lost a comparison and were stopped."""
    return sum(row.result.state is TrialState.STOPPED for row in board.rows) - stopped_by_budget(board)


def stopped_by_budget(board: Leaderboard) -> int:
    """Trials that were stopped where no comparison was lost, since the budget was spent."""
    return sum(row.result.state is TrialState.STOPPED and row.result.reason == SPENT for row in board.rows)


def _luck(board: Leaderboard, best: float) -> Luck:
    repeats = [[repeat.last.loss for repeat in row.seeds if repeat.last] for row in board.rows if row.seeds]
    return Luck(luck_of_two(repeats), True) if repeats else Luck(ASSUMED_LUCK * abs(best), False)


def _rung_agreement(step: int, finished: list[LeaderboardRow]) -> RungAgreement:
    losses = [(row, loss) for row in finished if (loss := _loss_at(row, step)) is not None]
    early, last = [loss for _, loss in losses], [_loss(row) for row, _ in losses]
    return RungAgreement(agreement(early, last), agreement(early, last, [row.method for row, _ in losses]))


def _loss_at(row: LeaderboardRow, step: int) -> float | None:
    return next((finite(point.loss) for point in row.result.points if point.step == step), None)


def _loss(row: LeaderboardRow) -> float:
    assert row.validation_loss is not None  # of every ranked row
    return row.validation_loss


def _by_score(audited: list[LeaderboardRow], survivors: list[LeaderboardRow]) -> float | None:
    audited_scores, survivor_scores = (
        [row.value for row in rows if row.value is not None] for rows in (audited, survivors)
    )
    return (
        max(0.0, max(audited_scores) - max(survivor_scores)) if audited_scores and survivor_scores else None
    )


def _by_method(
    audited: list[LeaderboardRow], survivors: list[LeaderboardRow], luck: Luck
) -> dict[str, tuple[LeaderboardRow, LeaderboardRow]]:
    """Only where the best audited loser ended below the best kept trial of its method, by more than luck."""
    better_losers = {}
    for method in dict.fromkeys(row.method for row in audited):
        loser = min((row for row in audited if row.method == method), key=_loss)
        rivals = [row for row in survivors if row.method == method]
        if rivals and _loss(loser) < min(map(_loss, rivals)) - luck.loss:
            better_losers[method] = (loser, min(rivals, key=_loss))
    return better_losers


def _rungs(board: Leaderboard) -> tuple[int, ...]:
    """The steps at which the study compared trials, a few of them; none when its record does not say."""
    config = board.record.config
    training, early_stop = section(config, "training"), section(config, "early_stop")
    try:
        checked = EarlyStopConfig.model_validate(dict(early_stop))
        steps = rungs(checked, int(training["max_steps"]), int(training["validate_every"]))[:-1]
    except (KeyError, ValueError):  # a record without a whole study, such as another tool's results
        return ()
    return steps[:: -(-len(steps) // MOST_RUNGS)] if steps else ()
