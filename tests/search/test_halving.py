import random
from collections import Counter

import pytest

from astraios_ray.config.study import EarlyStopConfig
from astraios_ray.search.halving import Halving
from astraios_ray.search.scheduler import Action, Decision, drawn_for_audit, rungs

RULE = EarlyStopConfig(rule="halving", grace=1, reduction=3, keep_per_method=0, audit_fraction=0.0)


def bracket(size: int, config: EarlyStopConfig = RULE, methods: int = 1) -> tuple[Halving, list[str]]:
    halving = Halving(config, max_steps=9, validate_every=1, seed=0)
    trials = [f"t{number:04d}" for number in range(size)]
    for number, trial in enumerate(trials):
        halving.enter(trial, f"m{number % methods}", 0)
    return halving, trials


def arrive(halving: Halving, trials: list[str], step: int) -> dict[str, Decision]:
    """Let every trial report its number as its loss; the last decision on each."""
    decisions: dict[str, Decision] = {}
    for trial in trials:
        decisions |= {r.trial: r for r in halving.report(trial, step, float(trial[1:]))}
    return decisions


def going(decisions: dict[str, Decision]) -> set[str]:
    return {trial for trial, decision in decisions.items() if decision.action is Action.CONTINUE}


def test_rungs_grow_by_the_reduction_and_end_with_the_last_step() -> None:
    assert rungs(RULE, 9, 1) == (1, 3, 9)
    assert rungs(EarlyStopConfig(grace=20, reduction=3), 200, 10) == (20, 60, 180, 200)
    assert rungs(EarlyStopConfig(rule="median", grace=20), 50, 10) == (20, 30, 40, 50)


def test_early_arrivals_are_paused_until_the_rung_is_complete() -> None:
    halving, trials = bracket(9)
    assert [halving.report(t, 1, float(t[1:]))[0].action for t in trials[:-1]] == [Action.PAUSE] * 8


@pytest.mark.parametrize("seed", range(5))
def test_the_survivors_do_not_depend_on_the_order_of_arrival(seed: int) -> None:
    halving, trials = bracket(9)
    shuffled = random.Random(seed).sample(trials, len(trials))
    assert going(arrive(halving, shuffled, 1)) == set(trials[:3])


def test_the_whole_bracket_spends_what_the_formula_says() -> None:
    halving, trials = bracket(9)
    second = sorted(going(arrive(halving, trials, 1)))
    third = sorted(going(arrive(halving, second, 3)))
    assert (len(trials), len(second), len(third)) == (9, 3, 1)
    assert 9 * 1 + 3 * (3 - 1) + 1 * (9 - 3) == 21  # instead of 81


def test_the_best_of_each_method_goes_on_beside_the_best_overall() -> None:
    halving, trials = bracket(
        9, EarlyStopConfig(grace=1, reduction=3, keep_per_method=1, audit_fraction=0), 9
    )
    assert going(arrive(halving, trials, 1)) == set(trials)


def test_within_methods_the_best_third_of_each_method_goes_on() -> None:
    halving = Halving(RULE, 9, 1, 0, within_methods=True)
    trials = [f"t{number:04d}" for number in range(12)]
    for trial in trials:
        halving.enter(trial, "first" if trial < "t0006" else "second", 0)
    assert going(arrive(halving, trials, 1)) == {"t0000", "t0001", "t0006", "t0007"}
    assert halving.waiting_for() == "step 3: 0/4"


def test_within_methods_a_method_does_not_wait_for_the_trials_of_others() -> None:
    halving = Halving(RULE, 9, 1, 0, within_methods=True)
    for number, trial in enumerate(["t0000", "t0001", "t0002", "t0003"]):
        halving.enter(trial, f"m{number % 2}", 0)
    assert going(arrive(halving, ["t0000", "t0002"], 1)) == {"t0000"}


def test_a_trial_that_is_gone_is_not_waited_for() -> None:
    halving, trials = bracket(4)
    decisions = arrive(halving, trials[:3], 1)
    assert not going(decisions)
    assert {r.trial for r in halving.gone(trials[3]) if r.action is Action.CONTINUE} == {trials[0]}


def test_when_all_are_gone_nothing_is_waited_for() -> None:
    halving, trials = bracket(3)
    assert [list(halving.gone(trial)) for trial in trials] == [[], [], []]


def test_audited_losers_finish_without_displacing_anyone() -> None:
    audit = EarlyStopConfig(grace=1, reduction=3, keep_per_method=0, audit_fraction=1.0)
    halving, trials = bracket(9, audit)
    decisions = arrive(halving, trials, 1)
    assert going(decisions) == set(trials)
    assert {t for t, decision in decisions.items() if decision.audited} == set(trials[3:])
    assert [r.action for r in halving.report(trials[8], 3, 8.0)] == [Action.CONTINUE]


def test_the_audit_draws_about_the_share_that_was_asked() -> None:
    count = sum(drawn_for_audit(f"t{number:04d}", 0, 0.1) for number in range(2000))
    assert 150 < count < 250


@pytest.mark.parametrize(("fraction", "of_each", "of_all"), [(0.25, {2}, {14}), (0.1, {0, 1}, {5, 6})])
@pytest.mark.parametrize("seed", range(5))
def test_within_methods_every_method_has_its_share_of_audited_losers(
    fraction: float, of_each: set[int], of_all: set[int], seed: int
) -> None:
    audit = EarlyStopConfig(grace=1, reduction=3, keep_per_method=0, audit_fraction=fraction)
    halving = Halving(audit, 9, 1, seed, within_methods=True)
    trials = [f"t{number:04d}" for number in range(7 * 12)]
    for number, trial in enumerate(trials):
        halving.enter(trial, f"m{number % 7}", 0)
    decisions = arrive(halving, trials, 1)
    counts = Counter(int(trial[1:]) % 7 for trial, decision in decisions.items() if decision.audited)
    assert {counts[method] for method in range(7)} == of_each
    assert counts.total() in of_all


def test_equal_losses_are_split_by_the_trials_numbers() -> None:
    halving, trials = bracket(3)
    decisions: dict[str, Decision] = {}
    for trial in reversed(trials):
        decisions |= {r.trial: r for r in halving.report(trial, 1, 0.5)}
    assert going(decisions) == {trials[0]}
