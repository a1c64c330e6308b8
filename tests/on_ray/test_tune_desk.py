"""The desk in Tune's words: whom a broken go-between is held against."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from astraios_ray.on_ray.tune_desk import ATTEMPTS, DeskScheduler
from astraios_ray.records import Stretch, TrialState


class FakeDesk:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.released: list[str] = []
        self.settled: list[Stretch] = []

    def release(self, trial: str) -> None:
        self.released.append(trial)

    def settle(self, stretch: Stretch) -> Sequence[str]:
        self.settled.append(stretch)
        return []


def break_often(times: int, *, reachable: bool) -> FakeDesk:
    desk = FakeDesk()
    told: Any = desk  # what of a Desk is needed here
    scheduler = DeskScheduler(told, {}, 1, tick=lambda: None, reachable=lambda: reachable)
    trial: Any = SimpleNamespace(config={"trial": "t0000"}, error_file="error.txt")
    for _ in range(times):
        scheduler.on_trial_error(None, trial)
    return desk


def test_a_broken_go_between_is_replaced() -> None:
    desk = break_often(ATTEMPTS - 1, reachable=True)
    assert desk.released == ["t0000"] * (ATTEMPTS - 1)
    assert not desk.settled


def test_a_trial_whose_go_betweens_all_break_has_failed() -> None:
    (stretch,) = break_often(ATTEMPTS, reachable=True).settled
    assert stretch.state is TrialState.FAILED
    assert "error.txt" in stretch.reason


@pytest.mark.parametrize("times", [1, 5])
def test_without_anybody_to_ask_no_trial_fails(times: int) -> None:
    desk = break_often(times, reachable=False)
    assert desk.released == ["t0000"] * times
    assert not desk.settled
