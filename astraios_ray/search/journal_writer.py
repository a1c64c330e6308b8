"""What a desk tells: facts to the journal, trials to the tracker, each once."""

from collections.abc import Sequence

from astraios_ray.records import Stretch, TrialResult, TrialSpec, encode
from astraios_ray.search.journal import Journal
from astraios_ray.search.searcher import Proposal
from astraios_ray.tracking.tracker import Tracker


class Telling:
    """Silent while the journal is replayed: what it holds has been told."""

    def __init__(self, journal: Journal, tracker: Tracker) -> None:
        self._journal, self._tracker = journal, tracker
        self.replaying = False

    def cohort(self, number: int, proposals: Sequence[Proposal], specs: Sequence[TrialSpec]) -> None:
        """New trials, and what was proposed for them."""
        raw = [{"method": proposal.method, "values": dict(proposal.values)} for proposal in proposals]
        self._write("cohort", number=number, proposals=raw, specs=[encode(spec) for spec in specs])

    def repeats(self, specs: Sequence[TrialSpec]) -> None:
        """Trials that repeat others with other seeds."""
        self._write("repeats", specs=[encode(spec) for spec in specs])

    def stretch(self, spec: TrialSpec, stretch: Stretch, *, spent: bool, seconds: float) -> None:
        """What came of a lease, and whether the budget was spent by then."""
        self._write("stretch", stretch=encode(stretch), spent=spent, seconds=seconds)
        if not self.replaying:
            self._tracker.trial_started(spec, stretch.cost.trainable_parameters)
            for point in stretch.points:
                self._tracker.point(spec, point)

    def ended(self, result: TrialResult) -> None:
        """A trial's end."""
        self._write("ended", trial=result.spec.id, state=result.state.value, reason=result.reason)
        if not self.replaying:
            self._tracker.trial_ended(result)

    def _write(self, kind: str, **content: object) -> None:
        if not self.replaying:
            self._journal.write(kind, **content)
