"""What quality costs."""

from dataclasses import replace

import pytest

from astraios_ray.records import Cost, TrialResult
from astraios_ray.report.analysis.cost import (
    AXES,
    CostAxis,
    cheapest_near_best,
    comparable,
    front,
    share_of,
    study_cost,
)
from astraios_ray.report.analysis.leaderboard import Leaderboard, leaderboard
from tests.fakes.study_records import record, result, score

PARAMETERS = next(axis for axis in AXES if axis.key == "trainable_parameters")


def trial(number: int, value: float | None, parameters: int, loss: float = 1.0) -> TrialResult:
    scores = () if value is None else (score(value),)
    bare = result(number, losses={200: loss}, scores=scores)
    return replace(bare, cost=Cost(10.0 * (number + 1), 100.0, parameters, 4 * parameters))


def frontier(board: Leaderboard, axis: CostAxis = PARAMETERS) -> list[str]:
    return [row.trial for row in front(*comparable(board), axis)]


def nearest(board: Leaderboard) -> str | None:
    row = cheapest_near_best(board, *comparable(board), PARAMETERS)
    return row.trial if row else None


def test_a_front_holds_what_no_other_beats() -> None:
    board = leaderboard(
        record(trial(0, 0.8, 1000), trial(1, 0.7, 100), trial(2, 0.6, 200), trial(3, 0.5, 50))
    )
    assert frontier(board) == ["t0003", "t0001", "t0000"]


def test_equals_stay_together() -> None:
    assert frontier(leaderboard(record(trial(0, 0.8, 100), trial(1, 0.8, 100), trial(2, 0.8, 200)))) == [
        "t0000",
        "t0001",
    ]


def test_the_cheapest_within_a_point_is_found() -> None:
    board = leaderboard(record(trial(0, 0.800, 1000), trial(1, 0.790, 100), trial(2, 0.789, 10)))
    assert nearest(board) == "t0001"


def test_without_scores_the_loss_is_the_quality() -> None:
    board = leaderboard(
        record(trial(0, None, 1000, 1.0), trial(1, None, 100, 1.009), trial(2, None, 10, 1.02))
    )
    assert frontier(board) == ["t0002", "t0001", "t0000"]
    assert nearest(board) == "t0001"


def test_a_cost_that_was_not_measured_is_none() -> None:
    board = leaderboard(record(trial(0, 0.8, 0)))
    assert frontier(board) == [] and nearest(board) is None


def test_the_bill_is_hours_times_the_price_of_an_hour() -> None:
    board = leaderboard(record(trial(0, 0.8, 10), trial(1, 0.7, 10)))
    bill = study_cost(board, 3.6)
    assert bill.price == pytest.approx(231.4 / 3600 * 3.6)
    assert bill.trial_hours == pytest.approx(30 / 3600)
    assert bill.accelerator_hours is None
    assert [share_of(row, board) for row in board.rows] == pytest.approx([1 / 3, 2 / 3])


def test_accelerator_hours_are_known_where_the_study_says_how_many() -> None:
    lanes = {"count": 2, "workers": 4, "gpus": 0.5}
    assert study_cost(leaderboard(record(trial(0, 0.8, 10), lanes=lanes))).accelerator_hours == pytest.approx(
        4 * 231.4 / 3600
    )
