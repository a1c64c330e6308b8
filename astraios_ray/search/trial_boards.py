"""The desks of a study: one for each training set, behind one counter.

Trials of different training sets do not compete: a loss that is worse for want of rows says nothing of a
configuration. Each set has proposals, early stopping and trials of its own; lanes and time they share.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from astraios_ray.config.study import StudyConfig
from astraios_ray.records import Lease, Score, Stretch, TrialResult, TrialState
from astraios_ray.search.budget_meter import Spending
from astraios_ray.search.journal import Journal
from astraios_ray.search.repeats import FIRST
from astraios_ray.search.searcher import Numbers
from astraios_ray.search.trial_board import Desk
from astraios_ray.space.space import Space
from astraios_ray.tracking.tracker import Tracker


class Desks:
    """All trials of one study. Trial ``n`` belongs to the desk ``n`` modulo the number of desks."""

    def __init__(
        self, study: StudyConfig, space: Space, *, folder: Path, journal: Journal, tracker: Tracker
    ) -> None:
        searches = study.searches()
        self.spending = Spending(study.budget)
        self._desks = [
            Desk(
                search,
                space,
                log=folder / ("optuna.log" if not place else f"optuna-{place}.log"),
                journal=journal,
                tracker=tracker,
                spending=self.spending,
                numbers=Numbers(place, len(searches)),
            )
            for place, search in enumerate(searches)
        ]

    @property
    def rungs(self) -> tuple[int, ...]:
        """The steps at which leases end."""
        return self._desks[0].rungs

    def ready(self) -> Sequence[str]:
        """Trials that may train now, those that go on first."""
        waiting = [trial for desk in self._desks for trial in desk.ready()]
        return tuple(sorted(waiting, key=lambda trial: self._of(trial).turn(trial)))

    @property
    def done(self) -> bool:
        """Whether no trial is left that runs, waits or could be proposed."""
        return not self.ready() and all(result.state.ended for result in self.results)

    def claim(self, trial: str) -> Lease:
        """Lease a ready trial up to its next rung."""
        return self._of(trial).claim(trial)

    def settle(self, stretch: Stretch) -> Sequence[str]:
        """Take in what came of a lease. Returns the *other* trials that end because of it."""
        return self._of(stretch.trial).settle(stretch)

    def release(self, trial: str) -> None:
        """Give a lease back untrained, since whoever held it is gone."""
        self._of(trial).release(trial)

    @property
    def results(self) -> tuple[TrialResult, ...]:
        """Every trial as it stands, by number."""
        every = [result for desk in self._desks for result in desk.results]
        return tuple(sorted(every, key=lambda result: result.spec.number))

    @property
    def running(self) -> int:
        """How many leases are out."""
        return sum(desk.running for desk in self._desks)

    def waiting_for(self) -> str:
        """What early stopping waits for, in words."""
        return "; ".join(dict.fromkeys(desk.waiting_for() for desk in self._desks))

    def state(self, trial: str) -> TrialState:
        """Where a trial stands."""
        return self._of(trial).state(trial)

    def scored(self, trial: str, score: Score) -> None:
        """File a downstream score of a trial."""
        self._of(trial).scored(trial, score)

    def replay(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Come to where the journal's records end."""
        for place, desk in enumerate(self._desks):
            desk.replay([record for record in records if self._place(_trial(record)) == place])

    def _of(self, trial: str) -> Desk:
        return self._desks[self._place(trial)]

    def _place(self, trial: str) -> int:
        return int(trial[1:]) % FIRST % len(self._desks)  # repeats are at the desk of what they repeat


def _trial(record: Mapping[str, Any]) -> str:
    """A trial that the record is of. A cohort's are all of one desk, and so are repeats."""
    match record["kind"]:
        case "cohort" | "repeats":
            return f"t{record['specs'][0]['number']}"
        case "stretch":
            return str(record["stretch"]["trial"])
    return str(record["trial"])
