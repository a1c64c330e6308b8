"""A train task costs as much late in a search as early, counted in calls of functions."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from astraios_ray.search import brackets, optuna_study, searcher
from astraios_ray.search.trial_board import TrialBoard
from benchmarks.growth import MadeUpBackend, opened, study_of


class CountingBackend(MadeUpBackend):
    """Counts the calls of functions until each train task is reported."""

    def __init__(self) -> None:
        super().__init__()
        self.calls, self._count = [0], 0

    def train(self, board: TrialBoard, tick: Callable[[], None]) -> None:
        def counted() -> None:
            self.calls.append(self._count)
            tick()

        sys.setprofile(self._note)
        try:
            super().train(board, counted)
        finally:
            sys.setprofile(None)

    def _note(self, frame: Any, event: str, argument: Any) -> None:
        self._count += event in ("call", "c_call")

    def mean_calls(self, start: float, end: float) -> float:
        """Of a train task between two shares of the search."""
        first, last = (round(share * (len(self.calls) - 1)) for share in (start, end))
        return (self.calls[last] - self.calls[first]) / (last - first)


@pytest.mark.parametrize(
    ("sampler", "rule"),
    [("per_method", "halving"), ("per_method", "asha"), ("tpe", "halving"), ("random", "median")],
)
def test_a_late_train_task_takes_no_more_calls_than_an_early_one(
    sampler: str, rule: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searcher, "NEWEST", 6)
    monkeypatch.setattr(optuna_study, "NEWEST", 18)
    monkeypatch.setattr(brackets, "LARGEST", 12)
    backend = CountingBackend()
    tuner, tracker, _ = opened(study_of(150, sampler, rule), tmp_path)
    tuner.run(backend)
    tuner.close()
    tracker.close()
    assert backend.mean_calls(0.7, 1.0) < 1.3 * backend.mean_calls(0.2, 0.5)


class OneLook(MadeUpBackend):
    """Looks at the first trials, and trains none."""

    def train(self, board: TrialBoard, tick: Callable[[], None]) -> None:
        self.ready = len(board.ready())


def test_a_search_of_ten_million_random_trials_starts_with_a_thousand(tmp_path: Path) -> None:
    tuner, tracker, _ = opened(study_of(10**7, "random", "halving"), tmp_path)
    look = OneLook()
    tuner.run(look)
    tuner.close()
    tracker.close()
    assert look.ready == 1000
