"""What quality costs."""

from dataclasses import replace

import pytest

from astraios_ray.records import Cost, TrialResult, decode
from astraios_ray.report.analysis.cost import (
    AXES,
    CostAxis,
    axes_of,
    cheapest_near_best,
    comparable,
    front,
    loads,
    share_of,
    study_cost,
)
from astraios_ray.report.analysis.leaderboard import Leaderboard, leaderboard
from astraios_ray.report.tables import footnotes, short_table, trials_table
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


def measured(number: int, seconds: float, device: float, load: float) -> TrialResult:
    cost = Cost(seconds, 100.0, 10, 10, device_seconds=device, load=load)
    return replace(trial(number, 0.8, 10), cost=cost)


def test_time_is_that_on_the_device_where_every_trial_has_it() -> None:
    slow, fast = measured(0, 44.2, 9.0, 6.5), measured(1, 19.8, 10.0, 0.5)
    board = leaderboard(record(slow, fast))
    assert [axis.key for axis in axes_of(board)][1] == "device_seconds"
    assert frontier(board, axes_of(board)[1]) == ["t0000"]
    assert share_of(board.rows[0], board) == pytest.approx(9 / 19)
    assert loads(board) == (0.5, 6.5)


def test_time_is_wall_time_where_a_trial_has_no_other() -> None:
    board = leaderboard(record(measured(0, 44.2, 9.0, 6.5), trial(1, 0.8, 10)))
    assert [axis.key for axis in axes_of(board)][1] == "seconds"
    assert loads(leaderboard(record(trial(1, 0.8, 10)))) is None


def test_a_cost_that_was_recorded_without_device_time_still_reads() -> None:
    assert decode(Cost, {"seconds": 3.0, "trainable_parameters": 5}) == Cost(3.0, trainable_parameters=5)


def test_tables_say_which_seconds_they_show_and_under_which_load() -> None:
    board = leaderboard(record(measured(0, 44.2, 9.0, 6.5), measured(1, 19.8, 10.0, 0.5)))
    titles = trials_table(board).titles
    assert titles.index("device seconds") == titles.index("seconds") - 1
    short = short_table(board, board.rows).titles
    assert "device s" in short and "seconds" not in short
    assert any("under a load of 0.5 to 6.5 per core" in note for note in footnotes(board))
    old = leaderboard(record(trial(1, 0.8, 10)))
    assert "seconds" in short_table(old, old.rows).titles
    assert any("wall time" in note and "not recorded" in note for note in footnotes(old))
    none = leaderboard(record(replace(trial(1, 0.8, 10), cost=Cost())))
    assert not [note for note in footnotes(none) if "econds" in note]


def test_accelerator_hours_are_known_where_the_study_says_how_many() -> None:
    lanes = {"count": 2, "workers": 4, "gpus": 0.5}
    assert study_cost(leaderboard(record(trial(0, 0.8, 10), lanes=lanes))).accelerator_hours == pytest.approx(
        4 * 231.4 / 3600
    )
