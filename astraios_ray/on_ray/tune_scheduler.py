"""The board in Tune's words: a Searcher that suggests its ready trials, a TrialScheduler that settles results.

Both run in the driver and share one board. Neither keeps any state of its own worth saving: a study is
resumed from its journal, not from Tune's snapshot.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ray.tune.experiment import Trial
from ray.tune.schedulers import FIFOScheduler, TrialScheduler
from ray.tune.search import Searcher

from astraios_ray.records import TrainReport, decode, encode
from astraios_ray.search.trial_boards import TrialBoards

ATTEMPTS = 3  # of go-betweens at one trial

Known = dict[str, Trial]  # our trial id -> the Tune trial that runs or waits for it


def busy(known: Known) -> int:
    """How many go-betweens Tune keeps in use, those included whose trial is being paused.

    A trial suggested before the actor of a paused one is free would get a new process: three seconds of a
    core each, once for nearly every train_task when this was not counted.
    """
    return sum(trial.status in (Trial.PENDING, Trial.RUNNING) for trial in known.values())


def _keep_idle(tune_controller: Any, trial: Trial, count: int) -> None:
    """Have Tune keep up to ``count`` idle go-betweens for the next trials.

    On its own it keeps one: at a rung, where all pause, it ends the others and starts them anew; each that
    starts late is ended again when another trial's becomes idle before it is up. A search of 28 trials used
    17 processes so, and 3 when they are kept. Tune has no public setting; where a version has no such
    cache the search is slower, not different.
    """
    cache = getattr(getattr(tune_controller, "_tune_controller", None), "_actor_cache", None)
    if cache is not None:
        cache.increase_max(trial.placement_group_factory, by=count)


class BoardSearcher(Searcher):
    """Suggests trials that Tune does not know yet, as many as the lanes have room for."""

    def __init__(self, board: TrialBoards, known: Known, room: int, config: dict[str, Any]) -> None:
        super().__init__()
        self._board, self._known, self._room, self._config = board, known, room, config

    def suggest(self, trial_id: str) -> Any:
        """The next new trial's configuration; None: none now, FINISHED: none ever."""
        if self._board.done:
            return self.FINISHED
        fresh = [trial for trial in self._board.ready() if trial not in self._known]
        if not fresh or busy(self._known) >= self._room:
            return None
        train_task = self._board.ask(fresh[0])
        checkpoint = encode(train_task.checkpoint) if train_task.checkpoint else None
        return self._config | {"trial": fresh[0], "spec": encode(train_task.spec), "checkpoint": checkpoint}

    def on_trial_complete(self, trial_id: str, result: Any = None, error: bool = False) -> None:
        """The scheduler has told_of it."""

    def save(self, checkpoint_path: str) -> None:
        """Nothing to save: the journal has it."""

    def restore(self, checkpoint_path: str) -> None:
        """Nothing to restore."""

    def __getstate__(self) -> dict[str, Any]:
        return {}


class BoardScheduler(FIFOScheduler):
    """Settles each result at the board and carries its decisions out: continue, pause, stop, resume."""

    def __init__(
        self,
        board: TrialBoards,
        known: Known,
        room: int,
        *,
        tick: Callable[[], None],
        reachable: Callable[[], bool],
    ) -> None:
        """``reachable``: whether there is anybody whom a go-between could ask."""
        super().__init__()
        self._board, self._known, self._room, self._tick = board, known, room, tick
        self._reachable = reachable
        self._broken: dict[str, int] = {}
        self.given_up: str | None = None  # why no go-between is started any more

    def on_trial_add(self, tune_controller: Any, trial: Trial) -> None:
        """Remember which Tune trial is ours."""
        if not self._known:
            _keep_idle(tune_controller, trial, self._room)
        self._known[trial.config["trial"]] = trial

    def on_trial_result(self, tune_controller: Any, trial: Trial, result: dict[str, Any]) -> str:
        """Settle a train_report; stop the other trials that it decides against."""
        ours = trial.config["trial"]
        for other in self._board.tell(decode(TrainReport, json.loads(result["train_report"]))):
            if other in self._known:
                tune_controller.stop_trial(self._known[other])
        decision = self._decision(ours)
        self._tick()
        return decision

    def on_trial_complete(self, tune_controller: Any, trial: Trial, result: dict[str, Any]) -> None:
        """Not used: a proxy never says that it is done; the board does."""

    def on_trial_error(self, tune_controller: Any, trial: Trial) -> None:
        """The go-between broke, never the trial: another takes its train_task, but not for ever."""
        ours = trial.config["trial"]
        self._known.pop(ours, None)
        self._board.release(ours)
        if self._reachable():
            self._broken[ours] = self._broken.get(ours, 0) + 1
        if self._broken.get(ours) == ATTEMPTS:
            self.given_up = f"The go-between of {ours} broke {ATTEMPTS} times: {_last_line(trial.error_file)}"

    def choose_trial_to_run(self, tune_controller: Any) -> Trial | None:
        """A new trial that Tune has made, else a paused one that the board wants to go on."""
        for trial in tune_controller.get_trials():
            if trial.status == Trial.PENDING:
                return trial
        for ours in self._board.ready():
            known = self._known.get(ours)
            if known and known.status == Trial.PAUSED and busy(self._known) < self._room:
                self._board.ask(ours)
                return known
        return None

    def _decision(self, ours: str) -> str:
        if self._board.state(ours).ended:
            return str(TrialScheduler.STOP)
        if ours in self._board.ready():
            self._board.ask(ours)
            return str(TrialScheduler.CONTINUE)
        return str(TrialScheduler.PAUSE)

    def __getstate__(self) -> dict[str, Any]:
        return {}


def _last_line(file: str | None) -> str:
    lines = Path(file).read_text(errors="replace").split("\n") if file and Path(file).exists() else []
    return next((line for line in reversed(lines) if line.strip()), "Ray says no more of it.")
