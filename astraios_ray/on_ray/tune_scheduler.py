"""The board for Tune: a Searcher that suggests its ready trials, a TrialScheduler that tells it results.

Both run in the driver and share one board. Neither has state to save: a study resumes from its journal, not
from Tune's checkpoint.
"""

import json
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

from ray.tune.experiment import Trial
from ray.tune.schedulers import FIFOScheduler, TrialScheduler
from ray.tune.search import Searcher

from astraios_ray.on_ray.ray_private import keep_idle_actors
from astraios_ray.records import TrainReport, TrainTask, decode
from astraios_ray.search.trial_board import TrialBoard

ATTEMPTS = 3  # Tune trials that may fail for one trial
TICK_SECONDS = 5.0  # between two ticks of a search in which nothing changes, as when a lane stands still


class TuneTrials:
    """The Tune trial of each trial, and the one place where a trial's next train task is asked for."""

    def __init__(self, board: TrialBoard, submit: Callable[[TrainTask], bool], room: int) -> None:
        """``submit`` hands a train task to the lanes, and says whether they received it."""
        self.board, self.room, self._submit = board, room, submit
        self.by_trial: dict[str, Trial] = {}

    @property
    def full(self) -> bool:
        """Whether Tune uses as many actors as it may, including those of trials that are being paused.

        A trial suggested before the actor of a paused one is free would get a new process, which takes three
        seconds of a core. Without this count that happened with nearly every train task.
        """
        trials = self.by_trial.values()
        return sum(trial.status in (Trial.PENDING, Trial.RUNNING) for trial in trials) >= self.room

    def begin(self, trial: str) -> bool:
        """Hand the next train task of a ready trial to the lanes; its Tune trial waits for the report.

        False where the lanes are out of reach: the trial is ready again then.
        """
        received = self._submit(self.board.ask(trial))
        if not received:
            self.board.release(trial)
        return received


class BoardSearcher(Searcher):
    """Suggests trials that are new to Tune, as many as the lanes have room for."""

    def __init__(self, tune_trials: TuneTrials, config: dict[str, Any]) -> None:
        super().__init__()
        self._board, self._tune_trials, self._config = tune_trials.board, tune_trials, config

    def suggest(self, trial_id: str) -> Any:
        """The configuration of the next new trial; None: no trial now, FINISHED: no trial ever."""
        if self._board.done:
            return self.FINISHED
        fresh = [trial for trial in self._board.ready() if trial not in self._tune_trials.by_trial]
        if not fresh or self._tune_trials.full or not self._tune_trials.begin(fresh[0]):
            return None
        return self._config | {"trial": fresh[0]}

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
        tune_trials: TuneTrials,
        *,
        tick: Callable[[], None],
        reachable: Callable[[], bool],
    ) -> None:
        """``reachable``: whether a Tune trial could reach the dispatcher and a lane."""
        super().__init__()
        self._board, self._tune_trials, self._tick = tune_trials.board, tune_trials, tick
        self._reachable = reachable
        self._ticked = monotonic()
        self._broken: dict[str, int] = {}
        self.given_up: str | None = None  # why no Tune trial is started any more

    def on_trial_add(self, tune_controller: Any, trial: Trial) -> None:
        """Remember the Tune trial by its trial's id."""
        if not self._tune_trials.by_trial:
            keep_idle_actors(tune_controller, trial.placement_group_factory, self._tune_trials.room)
        self._tune_trials.by_trial[trial.config["trial"]] = trial

    def on_trial_result(self, tune_controller: Any, trial: Trial, result: dict[str, Any]) -> str:
        """Tell the board a train report; stop the other trials that end because of it."""
        trial_id = trial.config["trial"]
        for other in self._board.tell(decode(TrainReport, json.loads(result["train_report"]))):
            if other in self._tune_trials.by_trial:
                tune_controller.stop_trial(self._tune_trials.by_trial[other])
        decision = self._decision(trial_id)
        self._tick_now()
        return decision

    def on_trial_complete(self, tune_controller: Any, trial: Trial, result: dict[str, Any]) -> None:
        """Do nothing: a Tune trial never reports its end; the board decides it."""

    def on_trial_error(self, tune_controller: Any, trial: Trial) -> None:
        """Make the trial ready for another Tune trial. After ATTEMPTS failures start none any more."""
        trial_id = trial.config["trial"]
        self._tune_trials.by_trial.pop(trial_id, None)
        self._board.release(trial_id)
        if self._reachable():
            self._broken[trial_id] = self._broken.get(trial_id, 0) + 1
        if self._broken.get(trial_id) == ATTEMPTS:
            self.given_up = (
                f"The Tune trial of {trial_id} failed {ATTEMPTS} times: {_last_line(trial.error_file)}"
            )

    def choose_trial_to_run(self, tune_controller: Any) -> Trial | None:
        """A pending trial of Tune, else a paused one that is ready on the board. Tune asks all the time."""
        if monotonic() - self._ticked > TICK_SECONDS:
            self._tick_now()
        for trial in tune_controller.get_trials():
            if trial.status == Trial.PENDING:
                return trial
        for trial_id in self._board.ready():
            tune_trial = self._tune_trials.by_trial.get(trial_id)
            if tune_trial and tune_trial.status == Trial.PAUSED and not self._tune_trials.full:
                return tune_trial if self._tune_trials.begin(trial_id) else None
        return None

    def _tick_now(self) -> None:
        self._ticked = monotonic()
        self._tick()

    def _decision(self, trial_id: str) -> str:
        if self._board.state(trial_id).ended:
            return str(TrialScheduler.STOP)
        if trial_id in self._board.ready() and self._tune_trials.begin(trial_id):
            return str(TrialScheduler.CONTINUE)
        return str(TrialScheduler.PAUSE)

    def __getstate__(self) -> dict[str, Any]:
        return {}


def _last_line(file: str | None) -> str:
    lines = Path(file).read_text(errors="replace").split("\n") if file and Path(file).exists() else []
    return next((line for line in reversed(lines) if line.strip()), "Ray says no more of it.")
