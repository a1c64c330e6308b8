"""Writes the facts of a board to the journal and its trials to the tracker, each once."""

from collections.abc import Sequence

from astraios_ray.records import TrainReport, TrialResult, TrialSpec, encode
from astraios_ray.search.journal import Journal
from astraios_ray.search.searcher import Suggestion
from astraios_ray.tracking.tracker import Tracker


class JournalWriter:
    """Writes nothing while the journal is replayed: its records were written before."""

    def __init__(self, journal: Journal, tracker: Tracker) -> None:
        self._journal, self._tracker = journal, tracker
        self.replaying = False

    def bracket(self, number: int, suggestions: Sequence[Suggestion], specs: Sequence[TrialSpec]) -> None:
        """Record new trials and the suggestions that they come from."""
        raw = [{"method": suggestion.method, "values": dict(suggestion.values)} for suggestion in suggestions]
        self._write("bracket", number=number, suggestions=raw, specs=[encode(spec) for spec in specs])

    def repeats(self, specs: Sequence[TrialSpec]) -> None:
        """Record trials that repeat others with other seeds."""
        self._write("repeats", specs=[encode(spec) for spec in specs])

    def train_report(
        self, spec: TrialSpec, train_report: TrainReport, *, spent: bool, seconds: float
    ) -> None:
        """Record the report of a train task, and whether the budget was spent by then."""
        self._write("train_report", train_report=encode(train_report), spent=spent, seconds=seconds)
        if not self.replaying:
            self._tracker.trial_started(spec, train_report.cost.trainable_parameters)
            for point in train_report.points:
                self._tracker.point(spec, point)

    def ended(self, result: TrialResult) -> None:
        """Record the end of a trial."""
        self._write("ended", trial=result.spec.id, state=result.state.value, reason=result.reason)
        if not self.replaying:
            self._tracker.trial_ended(result)

    def _write(self, kind: str, **content: object) -> None:
        if not self.replaying:
            self._journal.write(kind, **content)
