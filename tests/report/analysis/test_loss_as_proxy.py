"""Whether loss ranks trials as their scores do."""

import pytest
from scipy import stats

from astraios_ray.records import TrialResult, TrialState
from astraios_ray.report.analysis.leaderboard import leaderboard
from astraios_ray.report.analysis.loss_as_proxy import (
    Trust,
    losses_and_scores,
    misranked,
    price_of_trusting,
    proxies,
)
from tests.fakes.study_records import record, result, score


def trial(number: int, loss: float, value: float, method: str = "lora", step: int = 200) -> TrialResult:
    state = TrialState.COMPLETE if step == 200 else TrialState.STOPPED
    return result(number, method, losses={step: loss}, state=state, scores=(score(value),))


def test_a_lower_loss_with_a_higher_score_is_agreement() -> None:
    losses, values = [1.0, 1.2, 1.1, 1.5, 1.4, 1.6], [0.8, 0.7, 0.6, 0.5, 0.4, 0.3]
    board = leaderboard(record(*(trial(n, *pair) for n, pair in enumerate(zip(losses, values, strict=True)))))
    proxy = proxies(board)[0]
    assert (proxy.task, proxy.metric, proxy.count) == ("primer", "pass_at_1", 6)
    assert proxy.pooled is not None
    assert proxy.pooled.spearman == pytest.approx(-stats.spearmanr(losses, values).statistic)
    assert proxy.methods["lora"] == proxy.pooled


def test_every_metric_of_every_task_has_a_line() -> None:
    board = leaderboard(record(*(trial(n, 1 + n / 10, 0.8 - n / 10) for n in range(5))))
    assert [proxy.metric for proxy in proxies(board)] == ["pass_at_1", "pass_at_10"]


def test_an_early_loss_is_not_compared() -> None:
    board = leaderboard(record(trial(0, 1.0, 0.5), trial(1, 0.1, 0.9, step=20)))
    assert [row.trial for row, _, _ in losses_and_scores(board, "primer")] == ["t0000"]


def test_with_few_trials_nothing_is_known() -> None:
    proxy = proxies(leaderboard(record(*(trial(n, 1.0 + n, 0.5 - n / 10) for n in range(3)))))[0]
    assert (proxy.trust, proxy.pooled, proxy.missing) == (Trust.UNKNOWN, None, None)


def test_between_trust_and_mistrust_it_is_said_how_many_trials_would_tell() -> None:
    order = [2, 0, 3, 1, 6, 4, 5, 9, 7, 8]
    board = leaderboard(record(*(trial(n, 1 + n / 10, 0.9 - place / 20) for n, place in enumerate(order))))
    proxy = proxies(board)[0]
    assert proxy.trust is Trust.UNKNOWN or proxy.missing is None
    wild = [5, 1, 8, 0, 6, 2, 9, 3, 7, 4]
    unsure = proxies(leaderboard(record(*(trial(n, 1 + n / 10, 0.9 - p / 20) for n, p in enumerate(wild)))))[
        0
    ]
    assert unsure.trust is Trust.UNKNOWN and unsure.missing is not None and unsure.missing > 5


def apart(orders: list[list[int]]) -> list[TrialResult]:
    """Methods whose losses and scores are far apart, and whose trials have scores in these orders of loss."""
    return [
        trial(10 * n + place, 1 + n + place / 10, 0.9 - 0.2 * n - order / 50, method=f"m{n}")
        for n, of_method in enumerate(orders)
        for place, order in enumerate(of_method)
    ]


def test_methods_that_are_far_apart_are_no_reason_to_trust_the_loss() -> None:
    wild = [[3, 1, 4, 0, 2], [2, 4, 0, 3, 1], [1, 3, 2, 4, 0], [4, 0, 3, 1, 2]]
    study = record(*apart(wild), methods={f"m{n}": None for n in range(4)})
    proxy = proxies(leaderboard(study))[0]
    assert proxy.pooled is not None and proxy.pooled.spearman_interval[0] > 0.8
    assert proxy.within is not None and proxy.within.spearman < 0.3
    assert proxy.trust is not Trust.YES
    right = record(*apart([[0, 1, 2, 3, 4]] * 4), methods={f"m{n}": None for n in range(4)})
    assert proxies(leaderboard(right))[0].trust is Trust.YES


def test_one_trial_of_each_method_does_not_say_whether_to_trust_the_loss() -> None:
    proxy = proxies(leaderboard(record(*apart([[0]] * 4), *apart([[0]] * 8)[4:])))[0]
    assert proxy.pooled is not None and proxy.within is None
    assert proxy.trust is Trust.UNKNOWN and proxy.missing is None


def test_the_trials_of_lowest_loss_are_looked_at_alone() -> None:
    best = [[4, 3, 2, 1, 0], *[[0, 1, 2, 3, 4]] * 2]
    proxy = proxies(leaderboard(record(*apart(best))))[0]
    assert proxy.nearest is not None and proxy.nearest.spearman == pytest.approx(-1)
    assert proxy.trust is Trust.NO


def test_what_choosing_by_loss_would_cost_is_known() -> None:
    board = leaderboard(record(trial(0, 1.0, 0.5), trial(1, 1.1, 0.62)))
    price = price_of_trusting(board)
    assert price is not None
    assert price[0].trial == "t0000"
    assert price[1] == pytest.approx(0.12)


def test_a_method_with_better_scores_than_its_losses_promise_is_misranked() -> None:
    usual = [trial(n, 1 + n / 10, 0.5 - n / 50, "lora") for n in range(8)]
    shifted = [trial(10 + n, 1.95 + n / 10, 0.7 - n / 50, "ia3") for n in range(4)]
    by_method = {shift.method: shift for shift in misranked(leaderboard(record(*usual, *shifted)))}
    assert by_method["ia3"].places == pytest.approx(8.0) and by_method["ia3"].count == 4
    assert by_method["lora"].places < 0
    assert misranked(leaderboard(record(*usual))) == ()
