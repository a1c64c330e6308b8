"""Synchronous successive halving with pausing (Jamieson and Talwalkar 2016).

A trial that reports early is paused until its rung is complete, so only the best of the bracket continue.
Beside the best ``1/reduction``, the ``keep_per_method`` best of each method continue, so that a method that
learns slowly is compared too. ``within_methods``, the trials of each method are a bracket of their own. An
audited share of the losers trains in full outside the competition; ``within_methods`` it is a share of each
method's losers at each rung, so that all tell what stopping costs.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise

from astraios_ray.config.study import EarlyStopConfig
from astraios_ray.search.scheduler import Action, Decision, drawn_for_audit, rungs, survivors, uniform

GOLDEN = (math.sqrt(5) - 1) / 2  # its multiples spread the starts of all methods evenly over 0 to 1
Bracket = tuple[int, str]  # its number, and the method where it is of one


@dataclass
class _Rung:
    """The trials that must report at one rung of one bracket."""

    expected: set[str] = field(default_factory=set)
    entered: int = 0
    losses: dict[str, float] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        return bool(self.losses) and len(self.expected) == len(self.losses)  # only expected trials report


class Halving:
    """Pauses every trial at a rung and resumes the best when all have reported."""

    def __init__(
        self,
        config: EarlyStopConfig,
        max_steps: int,
        validate_every: int,
        seed: int,
        within_methods: bool = False,
    ) -> None:
        self.rungs = rungs(config, max_steps, validate_every)
        self._config, self._seed, self._within_methods = config, seed, within_methods
        self._bracket: dict[str, Bracket] = {}
        self._method: dict[str, str] = {}
        self._methods: dict[int, set[str]] = {}  # by the number of a bracket
        self._rungs: dict[Bracket, dict[int, _Rung]] = {}  # by number, those that are not complete
        self._audited: set[str] = set()

    def enter(self, trial: str, method: str, bracket: int) -> None:
        """Expect ``trial`` at the first rung of its bracket."""
        self._method[trial] = method
        self._bracket[trial] = bracket, method if self._within_methods else ""
        self._methods.setdefault(bracket, set()).add(method)
        first = self._rungs.setdefault(self._bracket[trial], {}).setdefault(0, _Rung())
        first.expected.add(trial)
        first.entered += 1

    def report(self, trial: str, step: int, loss: float) -> Sequence[Decision]:
        """Pause the trial; decide on all when it is the last to report."""
        if trial in self._audited:
            return [Decision(trial, Action.CONTINUE, audited=True)]
        bracket, number = self._bracket[trial], self.rungs.index(step)
        self._rungs[bracket][number].losses[trial] = loss
        decisions = {decision.trial: decision for decision in self._decide(bracket, number)}
        first = decisions.pop(trial, Decision(trial, Action.PAUSE, f"waits at step {step} for its bracket"))
        return [first, *decisions.values()]

    def gone(self, trial: str) -> Sequence[Decision]:
        """Stop waiting for the trial, which may complete a rung."""
        bracket = self._bracket[trial]
        decisions: list[Decision] = []
        for number, rung in list(self._rungs.get(bracket, {}).items()):
            if trial in rung.expected and trial not in rung.losses:
                rung.expected.discard(trial)
                decisions += self._decide(bracket, number)
        return decisions

    def waiting_for(self) -> str:
        """The rungs that are not complete yet."""
        counts: dict[int, tuple[int, int]] = {}  # by rung number: trials that have reported, of how many
        for number, rung in chain.from_iterable(by_number.items() for by_number in self._rungs.values()):
            reported, expected = counts.get(number, (0, 0))
            counts[number] = reported + len(rung.losses), expected + len(rung.expected)
        rows = (
            f"step {self.rungs[n]}: {reported}/{total}" for n, (reported, total) in sorted(counts.items())
        )
        return ", ".join(rows) or "the last trials to finish"

    def _decide(self, bracket: Bracket, number: int) -> Iterator[Decision]:
        rung = self._rungs[bracket][number]
        if rung.complete or not rung.expected:
            self._forget(bracket, number)
        if not rung.complete:
            return
        ranked = sorted(rung.losses, key=lambda trial: (rung.losses[trial], trial))
        winners = self._winners(ranked, survivors(rung.entered, self._config.reduction))
        next_rung = _Rung(entered=survivors(rung.entered, self._config.reduction))
        if number + 1 < len(self.rungs) - 1:  # at the last one nothing is decided
            self._rungs.setdefault(bracket, {})[number + 1] = next_rung
        step = self.rungs[number]
        audited = self._drawn([trial for trial in ranked if trial not in winners], bracket, number)
        self._audited |= audited
        for place, trial in enumerate(ranked, start=1):
            if trial in winners:
                next_rung.expected.add(trial)
                yield Decision(trial, Action.CONTINUE)
            elif trial in audited:
                yield Decision(trial, Action.CONTINUE, audited=True)
            else:
                reason = f"rank {place} of {len(ranked)} at step {step} (loss {rung.losses[trial]:.4f})"
                yield Decision(trial, Action.STOP, reason)

    def _forget(self, bracket: Bracket, number: int) -> None:
        """Drop a rung that no trial will report at."""
        del self._rungs[bracket][number]
        if not self._rungs[bracket]:
            del self._rungs[bracket]

    def _drawn(self, losers: Sequence[str], bracket: Bracket, number: int) -> set[str]:
        """The losers of a rung that are audited, from the best to the worst at equal distances."""
        fraction = self._config.audit_fraction
        if not self._within_methods:
            return {trial for trial in losers if drawn_for_audit(trial, self._seed, fraction)}
        methods = sorted(self._methods[bracket[0]])
        start = uniform(f"{self._seed}:{bracket[0]}:{number}") + methods.index(bracket[1]) * GOLDEN
        passed = [math.floor(place * fraction + start) for place in range(len(losers) + 1)]
        return {trial for trial, (a, b) in zip(losers, pairwise(passed), strict=True) if a < b}

    def _winners(self, ranked: list[str], best: int) -> set[str]:
        winners, counts = set(ranked[:best]), Counter[str]()
        for trial in ranked:
            method = self._method[trial]
            counts[method] += 1
            if counts[method] <= self._config.keep_per_method:
                winners.add(trial)
        return winners
