"""Pairwise comparison of methods."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from astraios_ray.records import Score, TrialResult
from astraios_ray.report.analysis.leaderboard import leaderboard
from astraios_ray.report.analysis.paired_comparison import PairVerdict, gains, pairs, resolution, sides
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
    # McNemar on 4, 25 and 21 problems that only one solves, then Benjamini and Hochberg over three
    assert first.difference.p_value == pytest.approx(2 / 2**4) == first.p_value
    assert second.p_value == pytest.approx(3 * 2 / 2**25)
    assert third.p_value == pytest.approx(3 / 2 * 2 / 2**21)


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
