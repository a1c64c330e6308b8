"""The order of the trials."""

from dataclasses import replace
from math import nan

import pytest

from astraios_ray.records import Score, TrialResult, TrialState
from astraios_ray.report.analysis.leaderboard import is_size, leaderboard
from tests.fakes.study_records import quickstart, record, result, score

FULL = {200: 1.0}


def test_a_scored_trial_stands_above_one_with_a_lower_loss() -> None:
    board = leaderboard(record(result(0, losses={200: 0.5}), result(1, losses=FULL, scores=(score(0.2),))))
    assert [row.trial for row in board.rows] == ["t0001", "t0000"]


def test_scored_trials_stand_by_their_score() -> None:
    low, high = result(0, losses=FULL, scores=(score(0.2),)), result(1, losses=FULL, scores=(score(0.7),))
    assert [row.rank for row in leaderboard(record(low, high)).rows] == [1, 2]
    assert leaderboard(record(low, high)).rows[0].trial == "t0001"


def test_an_early_loss_does_not_beat_one_at_full_length() -> None:
    early = result(0, losses={20: 0.1}, state=TrialState.STOPPED)
    further = result(1, losses={60: 0.9}, state=TrialState.STOPPED)
    board = leaderboard(record(early, further, result(2, losses={20: 2.0, 200: 1.0})))
    assert [row.trial for row in board.rows] == ["t0002", "t0001", "t0000"]
    assert [row.full_length for row in board.rows] == [True, False, False]


def test_a_diverged_trial_has_no_rank_even_with_a_low_loss() -> None:
    diverged = result(0, losses={10: 0.01, 20: nan}, state=TrialState.DIVERGED)
    board = leaderboard(record(diverged, result(1, losses=FULL)))
    assert [(row.trial, row.rank) for row in board.rows] == [("t0001", 1), ("t0000", None)]
    assert board.rows[1].validation_loss is None


def test_a_loss_that_is_not_a_number_is_never_ranked() -> None:
    assert leaderboard(record(result(0, losses={200: nan}))).rows[0].rank is None


def test_a_score_over_nothing_is_no_score() -> None:
    empty = Score("primer", {"pass_at_1": 1.0}, problems=0, samples=20)
    undefined = Score("primer", {"pass_at_1": nan}, problems=10, samples=20)
    board = leaderboard(record(result(0, losses=FULL, scores=(empty, undefined))))
    assert board.task is None and board.rows[0].score is None


def test_every_method_of_the_study_has_a_place_among_the_best() -> None:
    board = leaderboard(record(result(0, "lora", losses=FULL), methods={"lora": None, "ia3": None}))
    best = board.best_per_method
    assert list(best) == ["lora", "ia3"]
    assert best["ia3"] is None and best["lora"] is board.rows[0]


def test_the_best_of_a_method_is_its_first_row() -> None:
    board = leaderboard(quickstart())
    for name, row in board.best_per_method.items():
        assert row is next(candidate for candidate in board.rows if candidate.method == name)


def test_the_first_task_of_the_study_ranks() -> None:
    scores = (score(0.1, evaluator="other"), score(0.9, evaluator="primer"))
    reverse = (score(0.8, evaluator="other"), score(0.2, evaluator="primer"))
    board = leaderboard(
        record(
            result(0, losses=FULL, scores=scores),
            result(1, losses=FULL, scores=reverse),
            evaluate={"tasks": ["evaluators/primer.py", "other"]},
        )
    )
    assert board.task == "primer" and board.rows[0].trial == "t0000"
    assert board.tasks == ("primer", "other")


def test_a_second_score_of_one_task_replaces_the_first() -> None:
    twice = result(0, losses=FULL, scores=(score(0.1), score(0.4)))
    assert leaderboard(record(twice)).rows[0].value == 0.4


@pytest.mark.parametrize(
    "name", ["r", "bottleneck", "virtual_tokens", "num_virtual_tokens", "oft_block_size"]
)
def test_a_name_that_sets_the_size_is_known(name: str) -> None:
    assert is_size(name) and not is_size("alpha")


def test_the_size_is_the_hyperparameter_that_sets_it() -> None:
    assert leaderboard(record(result(0))).rows[0].size == {"r": 8}


def test_a_study_without_anything_has_an_empty_board() -> None:
    board = leaderboard(record(methods={}))
    assert board.rows == () and board.best_per_method == {} and board.task is None


def test_a_task_without_pass_at_k_ranks_by_its_own_metric() -> None:
    def exact(number: int, value: float) -> TrialResult:
        unranked = Score("code_refinement", {"exact_match": value, "bleu_4": 0.9}, problems=50, samples=1)
        return replace(result(number, losses=FULL), scores=(replace(unranked, ranking="exact_match"),))

    board = leaderboard(record(exact(0, 0.2), exact(1, 0.4)))
    assert [row.trial for row in board.ranked] == ["t0001", "t0000"]
    assert (board.ranking, board.scored[0].value) == ("exact_match", 0.4)
