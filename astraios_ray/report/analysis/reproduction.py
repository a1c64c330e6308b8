"""Whether a second run of a trial gives what was recorded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from astraios_ray.records import Provenance, Score, TrialResult, TrialState
from astraios_ray.records.loss_tolerance import loss_difference, loss_tolerance


class Match(StrEnum):
    """How a rerun compares with the record."""

    SAME = "the same"  # to the last bit
    WITHIN = "within"
    DIFFERENT = "different"


@dataclass(frozen=True)
class Again:
    """One loss, as recorded and as measured again; None where the rerun did not get there."""

    step: int
    recorded: float
    again: float | None

    @property
    def apart(self) -> float:
        """The difference as a share of the recorded loss. Two losses that are not finite are equal."""
        return loss_difference(self.recorded, self.again)


@dataclass(frozen=True)
class ScoredAgain:
    """One metric of one task. ``problems``: how many are solved by another share of samples than before."""

    task: str
    metric: str
    recorded: float
    interval: tuple[float, float] | None
    again: float | None
    problems: int
    of: int

    @property
    def match(self) -> Match:
        """The same, inside the recorded 95 % interval, or not. Without an interval only the same matches."""
        if self.again == self.recorded and not self.problems:
            return Match.SAME
        if self.again is None or self.interval is None:
            return Match.DIFFERENT
        low, high = self.interval
        return Match.WITHIN if low <= self.again <= high else Match.DIFFERENT


@dataclass(frozen=True)
class Reproduction:
    """A rerun beside its record. ``changed``: packages, machine and commit that differ, then and now."""

    trial: str
    label: str
    losses: tuple[Again, ...]
    scores: tuple[ScoredAgain, ...]
    ended: tuple[TrialState, TrialState]
    reason: str  # why the rerun broke, if it did
    tolerance: float
    changed: Mapping[str, tuple[str | None, str | None]]

    @property
    def match(self) -> Match:
        """The worst of all that was compared; a trial that broke must break again."""
        breakdowns = [state in (TrialState.DIVERGED, TrialState.FAILED) for state in self.ended]
        if breakdowns[0] != breakdowns[1] or (breakdowns[0] and self.ended[0] is not self.ended[1]):
            return Match.DIFFERENT
        matches = [self.match_of_losses, *(score.match for score in self.scores)]
        return max(matches, key=list(Match).index)

    @property
    def match_of_losses(self) -> Match:
        """By the loss that is furthest from its record."""
        if not self.furthest:
            return Match.SAME
        gap = self.furthest.apart
        return Match.SAME if not gap else Match.WITHIN if gap <= self.tolerance else Match.DIFFERENT

    @property
    def furthest(self) -> Again | None:
        """The loss that differs most; None where none was recorded."""
        return max(self.losses, key=lambda loss: loss.apart, default=None)


def reproduction(
    recorded: TrialResult,
    again: TrialResult,
    *,
    tolerance: float | None = None,
    then: Provenance,
    now: Provenance,
) -> Reproduction:
    """Compare every recorded loss, and every score that was asked for again.

    ``tolerance`` is a share of the recorded loss; None: that of the trial's number format.
    """
    losses_now = {point.step: point.loss for point in again.points}
    losses = tuple(Again(point.step, point.loss, losses_now.get(point.step)) for point in recorded.points)
    return Reproduction(
        recorded.spec.id,
        recorded.spec.label,
        losses,
        tuple(score_now for score in again.scores for score_now in _scored(recorded.scores, score)),
        (recorded.state, again.state),
        again.reason,
        loss_tolerance(recorded.spec.model) if tolerance is None else tolerance,
        _changed(then, now),
    )


def _scored(recorded: Sequence[Score], again: Score) -> list[ScoredAgain]:
    (original,) = (score for score in recorded if score.evaluator == again.evaluator)
    moved = sum(again.solved.get(problem) != share for problem, share in original.solved.items())
    return [
        ScoredAgain(
            original.evaluator,
            name,
            value,
            original.intervals.get(name),
            again.metrics.get(name),
            moved,
            original.problems,
        )
        for name, value in original.metrics.items()
        if name == original.ranking or name in original.intervals
    ]


def _changed(then: Provenance, now: Provenance) -> dict[str, tuple[str | None, str | None]]:
    before, after = ({**p.packages, "python": p.python, "machine": p.machine} for p in (then, now))
    before["commit"], after["commit"] = str(then.git_commit), str(now.git_commit)
    return {
        name: (before.get(name), after.get(name))
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    }
