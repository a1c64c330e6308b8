"""The board for Tune: each train task is handed on as it was made, and a broken Tune trial fails no trial."""

import json
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from types import SimpleNamespace
from typing import Any

import pytest
from ray.tune.experiment import Trial
from ray.tune.schedulers import TrialScheduler

from astraios_ray.on_ray.tune_scheduler import ATTEMPTS, BoardScheduler, BoardSearcher, TuneTrials
from astraios_ray.records import TrainReport, TrainTask, encode
from tests.fakes.studies import board, study, trained


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
    fake = FakeBoard()
    trial_board: Any = fake  # has the methods of TrialBoard that the test needs
    tune_trials = TuneTrials(trial_board, lambda train_task: True, room=1)
    scheduler = BoardScheduler(tune_trials, tick=lambda: None, reachable=lambda: reachable)
    trial: Any = SimpleNamespace(config={"trial": "t0000"}, error_file=str(error_file))
    for _ in range(times):
        scheduler.on_trial_error(None, trial)
    return fake, scheduler


def test_a_failed_tune_trial_is_replaced(tmp_path: Path) -> None:
    fake, scheduler = break_often(ATTEMPTS - 1, tmp_path / "none")
    assert fake.released == ["t0000"] * (ATTEMPTS - 1)
    assert scheduler.given_up is None


def test_tune_trials_that_fail_again_and_again_end_the_search_and_no_trial(tmp_path: Path) -> None:
    (tmp_path / "error.txt").write_text("Traceback\nOSError: No space left on device\n\n")
    fake, scheduler = break_often(ATTEMPTS, tmp_path / "error.txt")
    assert fake.released == ["t0000"] * ATTEMPTS
    assert not fake.reports
    assert scheduler.given_up == "The Tune trial of t0000 failed 3 times: OSError: No space left on device"


@pytest.mark.parametrize("times", [1, 5])
def test_without_anybody_to_ask_nobody_is_given_up(times: int, tmp_path: Path) -> None:
    fake, scheduler = break_often(times, tmp_path / "none", reachable=False)
    assert fake.released == ["t0000"] * times
    assert not fake.reports
    assert scheduler.given_up is None


class Carrier:
    """A board of two trials with Tune's side of it, and the train tasks that the lanes were given."""

    def __init__(self, folder: Path, *, reachable: bool = True) -> None:
        self.board = board(folder, study(budget={"trials": 2}, early_stop={"rule": "none", "grace": 1}))
        self.submitted: list[TrainTask] = []
        self._reachable = reachable
        self.tune_trials = TuneTrials(self.board, self._submit, room=1)
        self.searcher = BoardSearcher(self.tune_trials, {"dispatcher": "d", "namespace": "n"})
        self.scheduler = BoardScheduler(self.tune_trials, tick=lambda: None, reachable=lambda: reachable)

    def _submit(self, train_task: TrainTask) -> bool:
        self.submitted.append(train_task)
        return self._reachable

    def report(self, trial: Any) -> str:
        raw = json.dumps(encode(trained(self.submitted[-1])))
        return self.scheduler.on_trial_result(None, trial, {"train_report": raw})


def test_every_train_task_is_made_by_the_board_and_handed_on_to_the_lanes(tmp_path: Path) -> None:
    carrier = Carrier(tmp_path)
    config = carrier.searcher.suggest("a name of Tune")
    assert config == {"dispatcher": "d", "namespace": "n", "trial": "t0000"}
    tune_trial: Any = SimpleNamespace(config=config, status=Trial.RUNNING, placement_group_factory=None)
    carrier.scheduler.on_trial_add(None, tune_trial)
    assert carrier.searcher.suggest("another") is None, "there is room for one"
    assert carrier.report(tune_trial) == TrialScheduler.CONTINUE
    first, second = carrier.submitted
    assert (first.checkpoint, first.until, second.checkpoint, second.until) == (
        None,
        1,
        trained(first).checkpoint,
        2,
    )
    while carrier.report(tune_trial) == TrialScheduler.CONTINUE:
        assert carrier.board.running == 1
    assert [task.until for task in carrier.submitted] == list(range(1, 10))


def test_a_train_task_that_no_lane_received_is_ready_again(tmp_path: Path) -> None:
    carrier = Carrier(tmp_path, reachable=False)
    assert carrier.searcher.suggest("a name of Tune") is None
    assert len(carrier.submitted) == 1
    assert (carrier.board.running, carrier.board.ready()) == (0, ("t0000", "t0001"))


def test_a_search_in_which_nothing_changes_is_shown_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    carrier, ticks = Carrier(tmp_path), []
    scheduler = BoardScheduler(carrier.tune_trials, tick=lambda: ticks.append(1), reachable=lambda: True)
    now = monotonic()
    for seconds in (1, 6, 7, 12):
        monkeypatch.setattr(f"{BoardScheduler.__module__}.monotonic", lambda seconds=seconds: now + seconds)
        scheduler.choose_trial_to_run(SimpleNamespace(get_trials=list))
    assert len(ticks) == 2
