"""The boards of a study: one for each training set, behind one counter.

Trials of different training sets do not compete: a loss that is worse for want of rows says nothing of a
configuration. Each set has suggestions, early stopping and trials of its own; lanes and time they share.
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
        """The steps at which train_tasks end."""
        return self._boards[0].rungs

    def ready(self) -> Sequence[str]:
        """Trials that may train now, those that go on first."""
        waiting = [trial for board in self._boards for trial in board.ready()]
        return tuple(sorted(waiting, key=lambda trial: self._of(trial).turn(trial)))

    @property
    def done(self) -> bool:
        """Whether no trial is left that runs, waits or could be proposed."""
        return not self.ready() and all(result.state.ended for result in self.results)

    def ask(self, trial: str) -> TrainTask:
        """The task of training a ready trial up to its next rung."""
        return self._of(trial).ask(trial)

    def tell(self, train_report: TrainReport) -> Sequence[str]:
        """Take in what came of a train_task. Returns the *other* trials that end because of it."""
        return self._of(train_report.trial).tell(train_report)

    def release(self, trial: str) -> None:
        """Give a train_task back untrained, since whoever held it is gone."""
        self._of(trial).release(trial)

    @property
    def results(self) -> tuple[TrialResult, ...]:
        """Every trial as it stands, by number."""
        every = [result for board in self._boards for result in board.results]
        return tuple(sorted(every, key=lambda result: result.spec.number))

    @property
    def running(self) -> int:
        """How many train_tasks are out."""
        return sum(board.running for board in self._boards)

    def waiting_for(self) -> str:
        """What early stopping waits for, in words."""
        return "; ".join(dict.fromkeys(board.waiting_for() for board in self._boards))

    def state(self, trial: str) -> TrialState:
        """Where a trial stands."""
        return self._of(trial).state(trial)

    def scored(self, trial: str, score: Score) -> None:
        """File a downstream score of a trial."""
        self._of(trial).scored(trial, score)

    def replay(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Come to where the journal's records end."""
        for place, board in enumerate(self._boards):
            board.replay([record for record in records if self._place(_trial(record)) == place])

    def _of(self, trial: str) -> TrialBoard:
        return self._boards[self._place(trial)]

    def _place(self, trial: str) -> int:
        return int(trial[1:]) % FIRST % len(self._boards)  # repeats are at the board of what they repeat


def _trial(record: Mapping[str, Any]) -> str:
    """A trial that the record is of. A bracket's are all of one board, and so are repeats."""
    match record["kind"]:
        case "bracket" | "repeats":
            return f"t{record['specs'][0]['number']}"
        case "train_report":
            return str(record["train_report"]["trial"])
    return str(record["trial"])
