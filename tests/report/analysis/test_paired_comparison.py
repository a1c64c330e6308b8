"""Pairwise comparison of methods."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from astraios_ray.records import Score, TrialResult, TrialState
from astraios_ray.report.analysis.leaderboard import leaderboard
from astraios_ray.report.analysis.paired_comparison import (
    Contender,
    PairVerdict,
    gains,
    pairs,
    resolution,
    sides,
    verdicts,
)
from astraios_ray.report.statistics.independent_errors import gap_p_value
from tests.fakes.study_records import record, result, score


def with_problems(shares: Sequence[float], samples: int = 1) -> Score:
    bare = score(sum(shares) / len(shares), problems=len(shares))
    return replace(bare, samples=samples, solved={f"p{place}": share for place, share in enumerate(shares)})


def trial(number: int, method: str, shares: Sequence[float]) -> TrialResult:
    return result(number, method, losses={200: 1.0 + number}, scores=(with_problems(shares),))


GOOD, FAIR, POOR = [1.0] * 30 + [0.0] * 10, [1.0] * 26 + [0.0] * 14, [1.0] * 5 + [0.0] * 35


def test_each_two_methods_have_a_verdict() -> None:
    board = leaderboard(record(trial(0, "lora", GOOD), trial(1, "ia3", FAIR), trial(2, "full", POOR)))
    verdict_of = {(pair.one.name, pair.other.name): pair.verdict for pair in pairs(board)}
    assert verdict_of == {
        ("lora", "ia3"): PairVerdict.TIE,
        ("lora", "full"): PairVerdict.BETTER,
        ("ia3", "full"): PairVerdict.BETTER,
    }


def test_p_values_are_corrected_for_the_pairs() -> None:
    board = leaderboard(record(trial(0, "lora", GOOD), trial(1, "ia3", FAIR), trial(2, "full", POOR)))
    first, second, third = pairs(board)
    # McNemar on 4, 25 and 21 problems that only one solves; then the luck of searches and the three pairs
    assert first.difference.p_value == pytest.approx(2 / 2**4)
    assert second.difference.p_value == pytest.approx(2 / 2**25)
    raw = [
        max(pair.difference.p_value, gap_p_value(pair.difference.mean, pair.errors))
        for pair in (first, second, third)
    ]
    assert [pair.p_value for pair in (first, second, third)] == pytest.approx(
        [raw[0], 3 * raw[1], 3 / 2 * raw[2]]
    )


def test_a_method_that_had_more_trials_to_choose_from_must_be_further_ahead() -> None:
    single = leaderboard(record(trial(0, "lora", GOOD), trial(1, "ia3", GOOD[:22] + [0.0] * 18)))
    many = leaderboard(
        record(trial(0, "lora", GOOD), trial(1, "ia3", GOOD[:22] + [0.0] * 18), trial(2, "lora", POOR))
    )
    assert sides(many)[0].choices == 2
    assert pairs(many)[0].p_value == pytest.approx(2 * pairs(single)[0].p_value)


def test_how_many_trials_the_one_behind_had_does_not_matter() -> None:
    shares = [1.0] * 22 + [0.0] * 18
    single = leaderboard(record(trial(0, "lora", GOOD), trial(1, "ia3", shares)))
    many = leaderboard(record(trial(0, "lora", GOOD), trial(1, "ia3", shares), trial(2, "ia3", POOR)))
    assert pairs(many)[0].p_value == pairs(single)[0].p_value


def test_a_method_that_had_more_trials_without_a_score_must_be_further_ahead_too() -> None:
    scored = (trial(0, "lora", GOOD), trial(1, "ia3", GOOD[:22] + [0.0] * 18))
    unscored = [result(n, "lora", losses={20: 2.0}, state=TrialState.STOPPED) for n in (2, 3, 4)]
    single, many = leaderboard(record(*scored)), leaderboard(record(*scored, *unscored))
    assert sides(many)[0].trials == 4 and sides(many)[0].choices == 1
    assert pairs(many)[0].p_value == pytest.approx(4 * pairs(single)[0].p_value)


def test_equal_numbers_of_trials_are_equal_luck() -> None:
    scored = (trial(0, "lora", GOOD), trial(1, "ia3", GOOD[:22] + [0.0] * 18))
    more = (trial(2, "lora", POOR), trial(3, "ia3", POOR))
    single, even = leaderboard(record(*scored)), leaderboard(record(*scored, *more))
    assert pairs(even)[0].p_value == pairs(single)[0].p_value


def test_a_difference_that_another_seed_explains_is_none() -> None:
    # of 400 problems lora solves 24 more, 6 points: sure for these models, and within the luck of two seeds
    shares = [[1.0] * solved + [0.0] * (400 - solved) for solved in (224, 200)]
    board = leaderboard(record(trial(0, "lora", shares[0]), trial(1, "ia3", shares[1])))
    (pair,) = pairs(board)
    assert pair.difference.p_value < 0.001
    assert pair.verdict is PairVerdict.TIE and not pair.of_methods
    assert pair.interval and pair.interval[0] < 0 < pair.interval[1]


def test_the_luck_of_a_mean_is_that_of_its_scale() -> None:
    whole = Contender("lora", "t0000", dict.fromkeys("abcd", 0.5), seeds=(0.49, 0.51))
    shrunk = replace(whole, solved=dict.fromkeys("abcd", 0.05), seeds=(0.049, 0.051), highest=0.1, name="ia3")
    for side in (whole, shrunk):
        base = Contender(
            "base", "", {key: share - 0.01 * n for n, (key, share) in enumerate(side.solved.items())}
        )
        (pair,) = verdicts([(side, base)])
        of_search = [size / side.highest**2 for size, _ in pair.errors[1:]]
        assert of_search == pytest.approx([0.015**2, (20 * 0.03**2 + 0.02**2 / 2) / 21 / 2], rel=1e-6)


def test_methods_are_held_against_the_base_too() -> None:
    board = leaderboard(record(trial(0, "lora", GOOD), trial(1, "ia3", POOR), base=(with_problems(POOR),)))
    assert [(pair.one.name, pair.verdict) for pair in gains(board)] == [
        ("lora", PairVerdict.BETTER),
        ("ia3", PairVerdict.TIE),
    ]


def test_scores_that_do_not_name_their_problems_are_not_compared() -> None:
    board = leaderboard(
        record(*(result(n, f"m{n}", losses={200: 1.0}, scores=(score(0.5),)) for n in (0, 1)))
    )
    assert sides(board) == () == pairs(board) == gains(board)
    assert resolution(pairs(board)) is None


def test_equal_models_do_not_claim_that_anything_can_be_resolved() -> None:
    board = leaderboard(record(trial(0, "lora", GOOD), trial(1, "ia3", GOOD)))
    assert [pair.verdict for pair in pairs(board)] == [PairVerdict.TIE]
    assert resolution(pairs(board)) is None
