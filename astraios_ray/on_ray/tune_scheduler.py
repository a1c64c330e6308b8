"""The board for Tune: a Searcher that suggests its ready trials, a TrialScheduler that tells it results.

Both run in the driver and share one board. Neither has state to save: a study resumes from its journal, not
from Tune's checkpoint.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ray.tune.experiment import Trial
from ray.tune.schedulers import FIFOScheduler, TrialScheduler
from ray.tune.search import Searcher

from astraios_ray.on_ray.ray_private import keep_idle_actors
from astraios_ray.records import TrainReport, decode, encode
from astraios_ray.search.trial_board import TrialBoard

ATTEMPTS = 3  # Tune trials that may fail for one trial

TuneTrials = dict[str, Trial]  # our trial id -> the Tune trial that runs or waits for it


def busy(tune_trials: TuneTrials) -> int:
    """How many actors Tune uses, including those of trials that are being paused.

    A trial suggested before the actor of a paused one is free would get a new process, which takes three
    seconds of a core. Without this count that happened with nearly every train task.
    """
    return sum(trial.status in (Trial.PENDING, Trial.RUNNING) for trial in tune_trials.values())


class BoardSearcher(Searcher):
    """Suggests trials that are new to Tune, as many as the lanes have room for."""

    def __init__(self, board: TrialBoard, tune_trials: TuneTrials, room: int, config: dict[str, Any]) -> None:
        super().__init__()
        self._board, self._tune_trials, self._room, self._config = board, tune_trials, room, config

    def suggest(self, trial_id: str) -> Any:
        """The configuration of the next new trial; None: no trial now, FINISHED: no trial ever."""
        if self._board.done:
            return self.FINISHED
        fresh = [trial for trial in self._board.ready() if trial not in self._tune_trials]
        if not fresh or busy(self._tune_trials) >= self._room:
            return None
        train_task = self._board.ask(fresh[0])
        checkpoint = encode(train_task.checkpoint) if train_task.checkpoint else None
        return self._config | {"trial": fresh[0], "spec": encode(train_task.spec), "checkpoint": checkpoint}

    def on_trial_complete(self, trial_id: str, result: Any = None, error: bool = False) -> None:
        """Do nothing: the scheduler has told the board."""

    def save(self, checkpoint_path: str) -> None:
        """Save nothing: the journal has everything."""

    def restore(self, checkpoint_path: str) -> None:
        """Restore nothing: the journal has everything."""

    def __getstate__(self) -> dict[str, Any]:
        return {}


class BoardScheduler(FIFOScheduler):
    """Tells each result to the board and carries out its decisions: continue, pause, stop, resume."""

    def __init__(
        self,
        board: TrialBoard,
        tune_trials: TuneTrials,
        room: int,
        *,
        tick: Callable[[], None],
        reachable: Callable[[], bool],
    ) -> None:
        """``reachable``: whether a Tune trial could reach the dispatcher and a lane."""
        super().__init__()
        self._board, self._tune_trials, self._room, self._tick = board, tune_trials, room, tick
        self._reachable = reachable
        self._broken: dict[str, int] = {}
        self.given_up: str | None = None  # why no Tune trial is started any more

    def on_trial_add(self, tune_controller: Any, trial: Trial) -> None:
        """Remember the Tune trial by its trial's id."""
        if not self._tune_trials:
            keep_idle_actors(tune_controller, trial.placement_group_factory, self._room)
        self._tune_trials[trial.config["trial"]] = trial

    def on_trial_result(self, tune_controller: Any, trial: Trial, result: dict[str, Any]) -> str:
        """Tell the board a train report; stop the other trials that end because of it."""
        trial_id = trial.config["trial"]
        for other in self._board.tell(decode(TrainReport, json.loads(result["train_report"]))):
            if other in self._tune_trials:
                tune_controller.stop_trial(self._tune_trials[other])
        decision = self._decision(trial_id)
        self._tick()
        return decision

    def on_trial_complete(self, tune_controller: Any, trial: Trial, result: dict[str, Any]) -> None:
        """Do nothing: a Tune trial never reports its end; the board decides it."""

    def on_trial_error(self, tune_controller: Any, trial: Trial) -> None:
        """Make the trial ready for another Tune trial. After ATTEMPTS failures start none any more."""
        trial_id = trial.config["trial"]
        self._tune_trials.pop(trial_id, None)
        self._board.release(trial_id)
        if self._reachable():
            self._broken[trial_id] = self._broken.get(trial_id, 0) + 1
        if self._broken.get(trial_id) == ATTEMPTS:
            self.given_up = (
                f"The Tune trial of {trial_id} failed {ATTEMPTS} times: {_last_line(trial.error_file)}"
            )

    def choose_trial_to_run(self, tune_controller: Any) -> Trial | None:
        """A pending trial of Tune, else a paused one that is ready on the board."""
        for trial in tune_controller.get_trials():
            if trial.status == Trial.PENDING:
                return trial
        for trial_id in self._board.ready():
            tune_trial = self._tune_trials.get(trial_id)
            if tune_trial and tune_trial.status == Trial.PAUSED and busy(self._tune_trials) < self._room:
                self._board.ask(trial_id)
                return tune_trial
        return None

    def _decision(self, trial_id: str) -> str:
        if self._board.state(trial_id).ended:
            return str(TrialScheduler.STOP)
        if trial_id in self._board.ready():
            self._board.ask(trial_id)
            return str(TrialScheduler.CONTINUE)
        return str(TrialScheduler.PAUSE)

    def __getstate__(self) -> dict[str, Any]:
        return {}


def _last_line(file: str | None) -> str:
    lines = Path(file).read_text(errors="replace").split("\n") if file and Path(file).exists() else []
    return next((line for line in reversed(lines) if line.strip()), "Ray says no more of it.")
