"""What stopping trials early has cost."""

from dataclasses import replace
from typing import Any

import pytest

from astraios_ray.records import StudyRecord, TrialResult, TrialState
from astraios_ray.report.analysis.leaderboard import leaderboard
from astraios_ray.report.analysis.pruning import regret, rung_agreements
from tests.fakes.study_records import quickstart, record, result, score

HALVING: dict[str, Any] = {
    "early_stop": {"rule": "halving", "grace": 20, "reduction": 3},
    "training": {"max_steps": 200, "validate_every": 10},
}


def survivor(number: int, *losses: float, method: str = "lora", value: float | None = None) -> TrialResult:
    scores = () if value is None else (score(value),)
    return result(number, method, losses=dict(zip((20, 60, 200), losses, strict=True)), scores=scores)


def audited(number: int, *losses: float, method: str = "lora", value: float | None = None) -> TrialResult:
    return replace(survivor(number, *losses, method=method, value=value), audited=True)


def stopped(number: int) -> TrialResult:
    return result(number, losses={20: 3.0}, state=TrialState.STOPPED)


def repeat_of(first: TrialResult, number: int, loss: float) -> TrialResult:
    repeat = survivor(number, 2, 1.5, loss)
    return replace(repeat, spec=replace(repeat.spec, repeat_of=first.spec.id))


def study(*results: TrialResult) -> StudyRecord:
    return record(*results, **HALVING)


def test_a_loser_that_ended_better_is_the_regret() -> None:
    board_regret = regret(
        leaderboard(
            study(
                survivor(0, 2, 1.5, 1.0, value=0.5), audited(1, 3, 2, 0.8, value=0.6), stopped(2), stopped(3)
            )
        )
    )
    assert board_regret is not None
    assert (board_regret.audited, board_regret.losers, board_regret.better) == (1, 3, 1)
    assert board_regret.loss == pytest.approx(0.2) and board_regret.score == pytest.approx(0.1)
    assert [row.trial for row in board_regret.methods["lora"]] == ["t0001", "t0000"]


def test_losers_that_stayed_behind_leave_a_bound() -> None:
    board_regret = regret(
        leaderboard(study(survivor(0, 2, 1.5, 1.0), *(audited(n, 3, 2, 1.5) for n in (1, 2, 3))))
    )
    assert board_regret is not None and (board_regret.better, board_regret.loss, board_regret.score) == (
        0,
        0.0,
        None,
    )
    assert board_regret.most == pytest.approx(1 - 0.025 ** (1 / 3))  # Clopper and Pearson, none of three
    assert board_regret.methods == {}


def test_without_an_audited_loser_the_regret_is_not_known() -> None:
    assert regret(leaderboard(study(survivor(0, 2, 1.5, 1.0), stopped(1)))) is None


def test_trials_that_the_budget_ended_are_no_losers() -> None:
    late = [replace(stopped(n), reason="the study's budget is spent") for n in range(10, 30)]
    kept, loser = survivor(0, 2, 1.5, 1.0), audited(1, 3, 2, 1.5)
    board_regret = regret(leaderboard(study(kept, loser, stopped(2), *late)))
    assert board_regret is not None and board_regret.losers == 2


@pytest.mark.parametrize(("loss", "by_luck"), [(0.8, False), (0.9999, True)])
def test_without_repeats_a_hundredth_of_the_loss_is_taken_for_luck(loss: float, by_luck: bool) -> None:
    board_regret = regret(leaderboard(study(survivor(0, 2, 1.5, 1.0), audited(1, 3, 2, loss))))
    assert board_regret is not None and board_regret.by_luck is by_luck
    assert not board_regret.luck.measured
    assert set(board_regret.methods) == (set() if by_luck else {"lora"})


def test_a_loser_that_is_ahead_by_less_than_seeds_differ_may_be_lucky() -> None:
    chosen, loser = survivor(0, 2, 1.5, 1.0), audited(9, 3, 2, 0.9)
    repeats = [repeat_of(chosen, n, loss) for n, loss in ((10, 0.9), (11, 1.1), (12, 1.0))]
    board_regret = regret(leaderboard(study(chosen, loser, *repeats)))
    assert board_regret is not None and board_regret.luck.measured and board_regret.by_luck
    assert board_regret.luck.loss == pytest.approx(4.3027 * 0.1 * 2**0.5, rel=1e-4)  # Student's at 2


def test_a_rung_is_held_against_the_end() -> None:
    results = [
        survivor(n, 3.0 - early, 2.0 - n / 10, 1.0 - n / 10)
        for n, early in enumerate([0.1, 0, 0.2, 0.3, 0.5])
    ]
    agreements = rung_agreements(leaderboard(study(*results)))
    first, second = agreements[20], agreements[60]
    assert first.pooled is not None and first.pooled.spearman == pytest.approx(0.9)
    assert second.pooled is not None and second.pooled.spearman == pytest.approx(1.0)
    assert first.within == first.pooled  # all are of one method
    assert list(agreements) == [20, 60, 180]


def test_a_rung_that_orders_methods_may_say_nothing_within_them() -> None:
    ends = [[0.1, 0.4, 0.2, 0.3], [0.3, 0.1, 0.4, 0.2], [0.2, 0.3, 0.1, 0.4]]
    results = [
        survivor(4 * n + place, 3.0 + n + place / 10, 2.0, 1.0 + n + end, method=f"m{n}")
        for n, of_method in enumerate(ends)
        for place, end in enumerate(of_method)
    ]
    rung = rung_agreements(leaderboard(study(*results)))[20]
    assert rung.pooled is not None and rung.pooled.spearman > 0.8
    assert rung.within is not None and abs(rung.within.spearman) < 0.5


def test_a_study_that_does_not_say_how_it_stopped_has_no_rungs() -> None:
    assert rung_agreements(leaderboard(quickstart())) == {}
