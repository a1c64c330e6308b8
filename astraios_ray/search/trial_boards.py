"""The boards of a study, one for each training set.

Trials of different training sets do not compete, since losses depend on the rows. Each set has suggestions,
early stopping and trials of its own; all sets share the lanes and the budget of time.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from astraios_ray.config.study import StudyConfig
from astraios_ray.records import Score, TrainReport, TrainTask, TrialResult, TrialState
from astraios_ray.search.budget_meter import BudgetMeter
from astraios_ray.search.journal import Journal
from astraios_ray.search.repeats import FIRST
from astraios_ray.search.searcher import TrialNumbers
from astraios_ray.search.trial_board import TrialBoard
from astraios_ray.space.space import Space
from astraios_ray.tracking.tracker import Tracker


class TrialBoards:
    """All trials of one study. Trial ``n`` belongs to the board ``n`` modulo the number of boards."""

    def __init__(
        self, study: StudyConfig, space: Space, *, folder: Path, journal: Journal, tracker: Tracker
    ) -> None:
        searches = study.searches()
        self.budget_meter = BudgetMeter(study.budget)
        self._boards = [
            TrialBoard(
                search,
                space,
                log=folder / ("optuna.log" if not place else f"optuna-{place}.log"),
                journal=journal,
                tracker=tracker,
                budget_meter=self.budget_meter,
                numbers=TrialNumbers(place, len(searches)),
            )
            for place, search in enumerate(searches)
        ]

    @property
    def rungs(self) -> tuple[int, ...]:
        """The steps at which train tasks end."""
        return self._boards[0].rungs

    def ready(self) -> Sequence[str]:
        """The trials that may train now, those with the most steps first."""
        waiting = [trial for board in self._boards for trial in board.ready()]
        return tuple(sorted(waiting, key=lambda trial: self._of(trial).turn(trial)))

    @property
    def done(self) -> bool:
        """Whether no trial runs, waits or could still be suggested."""
        return not self.ready() and all(result.state.ended for result in self.results)

    def ask(self, trial: str) -> TrainTask:
        """The task of training a ready trial up to its next rung."""
        return self._of(trial).ask(trial)

    def tell(self, train_report: TrainReport) -> Sequence[str]:
        """Take the report of a train task. Returns the *other* trials that end because of it."""
        return self._of(train_report.trial).tell(train_report)

    def release(self, trial: str) -> None:
        """Take back the train task of ``trial`` from a worker that was lost. The trial is ready again."""
        self._of(trial).release(trial)

    @property
    def results(self) -> tuple[TrialResult, ...]:
        """Every trial as it stands, by number."""
        results = [result for board in self._boards for result in board.results]
        return tuple(sorted(results, key=lambda result: result.spec.number))

    @property
    def running(self) -> int:
        """How many train tasks are out."""
        return sum(board.running for board in self._boards)

    def waiting_for(self) -> str:
        """What the schedulers wait for, in words."""
        return "; ".join(dict.fromkeys(board.waiting_for() for board in self._boards))

    def state(self, trial: str) -> TrialState:
        """The state of ``trial``."""
        return self._of(trial).state(trial)

    def scored(self, trial: str, score: Score) -> None:
        """Add a downstream score to ``trial``."""
        self._of(trial).scored(trial, score)

    def replay(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Restore the state after the last of the journal's ``records``."""
        for place, board in enumerate(self._boards):
            board.replay([record for record in records if self._place(_trial(record)) == place])

    def _of(self, trial: str) -> TrialBoard:
        return self._boards[self._place(trial)]

    def _place(self, trial: str) -> int:
        return int(trial[1:]) % FIRST % len(self._boards)  # a repeat is on the board of its finalist


def _trial(record: Mapping[str, Any]) -> str:
    """A trial that the record names. All trials of one record belong to the same board."""
    match record["kind"]:
        case "bracket" | "repeats":
            return f"t{record['specs'][0]['number']}"
        case "train_report":
            return str(record["train_report"]["trial"])
    return str(record["trial"])
