"""Synchronous successive halving with pausing (Jamieson and Talwalkar 2016): a bracket meets at each rung.

A trial that arrives early is paused until the rung is complete, so no trial goes on that would not be among
the best of all. Beside the best ``1/reduction``, the ``keep_per_method`` best of each method go on, since a
method that learns slowly is the question and not noise; and an audited share of the losers finishes
outside the competition.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from astraios_ray.config.study import EarlyStopConfig
from astraios_ray.search.scheduler import Action, Decision, drawn_for_audit, rungs, survivors


@dataclass
class _Rung:
    """The trials that must be heard at one rung of one bracket."""

    expected: set[str] = field(default_factory=set)
    entered: int = 0
    losses: dict[str, float] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        return bool(self.losses) and self.expected == set(self.losses)


class Halving:
    """Parks every trial at a rung, resumes the best when all have arrived."""

    def __init__(self, rule: EarlyStopConfig, max_steps: int, validate_every: int, seed: int) -> None:
        self.rungs = rungs(rule, max_steps, validate_every)
        self._rule, self._seed = rule, seed
        self._bracket: dict[str, int] = {}
        self._method: dict[str, str] = {}
        self._rungs: dict[tuple[int, int], _Rung] = {}  # (bracket, rung number)
        self._audited: set[str] = set()

    def enter(self, trial: str, method: str, bracket: int) -> None:
        """Expect ``trial`` at the first rung of its bracket."""
        self._bracket[trial], self._method[trial] = bracket, method
        first = self._rungs.setdefault((bracket, 0), _Rung())
        first.expected.add(trial)
        first.entered += 1

    def report(self, trial: str, step: int, loss: float) -> Sequence[Decision]:
        """Pause the trial; decide for all when it was the last to arrive."""
        if trial in self._audited:
            return [Decision(trial, Action.CONTINUE, audited=True)]
        bracket, number = self._bracket[trial], self.rungs.index(step)
        self._rungs[bracket, number].losses[trial] = loss
        decisions = {decision.trial: decision for decision in self._decide(bracket, number)}
        own = decisions.pop(trial, Decision(trial, Action.PAUSE, f"waits at step {step} for its bracket"))
        return [own, *decisions.values()]

    def gone(self, trial: str) -> Sequence[Decision]:
        """Expect the trial no more, which may complete a rung."""
        bracket = self._bracket[trial]
        decided: list[Decision] = []
        for (of, number), rung in list(self._rungs.items()):
            if of == bracket and trial in rung.expected and trial not in rung.losses:
                rung.expected.discard(trial)
                decided += self._decide(bracket, number)
        return decided

    def waiting_for(self) -> str:
        """The rungs that are not complete yet."""
        open_rungs = [
            f"step {self.rungs[number]}: {len(rung.losses)}/{len(rung.expected)}"
            for (_, number), rung in sorted(self._rungs.items())
            if rung.expected and not rung.complete and number < len(self.rungs) - 1
        ]
        return ", ".join(open_rungs) or "the last trials to finish"

    def _decide(self, bracket: int, number: int) -> Iterator[Decision]:
        rung = self._rungs[bracket, number]
        if not rung.complete:
            return
        ranked = sorted(rung.losses, key=lambda trial: (rung.losses[trial], trial))
        kept = self._kept(ranked, survivors(rung.entered, self._rule.reduction))
        following = self._rungs.setdefault((bracket, number + 1), _Rung())
        following.entered = survivors(rung.entered, self._rule.reduction)
        step = self.rungs[number]
        for place, trial in enumerate(ranked, start=1):
            if trial in kept:
                following.expected.add(trial)
                yield Decision(trial, Action.CONTINUE)
            elif drawn_for_audit(trial, self._seed, self._rule.audit_fraction):
                self._audited.add(trial)
                yield Decision(trial, Action.CONTINUE, audited=True)
            else:
                reason = f"rank {place} of {len(ranked)} at step {step} (loss {rung.losses[trial]:.4f})"
                yield Decision(trial, Action.STOP, reason)

    def _kept(self, ranked: list[str], best: int) -> set[str]:
        kept, seen = set(ranked[:best]), dict.fromkeys(self._method.values(), 0)
        for trial in ranked:
            method = self._method[trial]
            seen[method] += 1
            if seen[method] <= self._rule.keep_per_method:
                kept.add(trial)
        return kept
