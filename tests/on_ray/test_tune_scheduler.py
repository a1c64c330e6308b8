"""The board for Tune: a Tune trial that fails is replaced, and its trial does not fail."""

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from astraios_ray.on_ray.tune_scheduler import ATTEMPTS, BoardScheduler
from astraios_ray.records import TrainReport


class FakeBoard:
    """Records the calls of the scheduler."""

    def __init__(self) -> None:
        self.released: list[str] = []
        self.reports: list[TrainReport] = []

    def release(self, trial: str) -> None:
        self.released.append(trial)

    def tell(self, train_report: TrainReport) -> Sequence[str]:
        self.reports.append(train_report)
        return []


def break_often(times: int, error_file: Path, *, reachable: bool = True) -> tuple[FakeBoard, BoardScheduler]:
    board = FakeBoard()
    trial_board: Any = board  # has the methods of TrialBoard that the test needs
    scheduler = BoardScheduler(trial_board, {}, 1, tick=lambda: None, reachable=lambda: reachable)
    trial: Any = SimpleNamespace(config={"trial": "t0000"}, error_file=str(error_file))
    for _ in range(times):
        scheduler.on_trial_error(None, trial)
    return board, scheduler


def test_a_failed_tune_trial_is_replaced(tmp_path: Path) -> None:
    board, scheduler = break_often(ATTEMPTS - 1, tmp_path / "none")
    assert board.released == ["t0000"] * (ATTEMPTS - 1)
    assert scheduler.given_up is None


def test_tune_trials_that_fail_again_and_again_end_the_search_and_no_trial(tmp_path: Path) -> None:
    (tmp_path / "error.txt").write_text("Traceback\nOSError: No space left on device\n\n")
    board, scheduler = break_often(ATTEMPTS, tmp_path / "error.txt")
    assert board.released == ["t0000"] * ATTEMPTS
    assert not board.reports
    assert scheduler.given_up == "The Tune trial of t0000 failed 3 times: OSError: No space left on device"


@pytest.mark.parametrize("times", [1, 5])
def test_without_anybody_to_ask_nobody_is_given_up(times: int, tmp_path: Path) -> None:
    board, scheduler = break_often(times, tmp_path / "none", reachable=False)
    assert board.released == ["t0000"] * times
    assert not board.reports
    assert scheduler.given_up is None
