"""The desk of a search: it knows every trial, which may train next, and what a result means for the others.

A backend only carries: it claims leases, has them trained, and settles what came of them. All decisions
are made here, in one thread, and every fact is in the journal before anyone acts on it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from astraios_ray.config.study import StudyConfig
from astraios_ray.records import (
    Lease,
    Score,
    Stretch,
    TrialResult,
    TrialSpec,
    TrialState,
    decode,
)
from astraios_ray.search.brackets import cohort_size, learns
from astraios_ray.search.budget_meter import Spending
from astraios_ray.search.journal import Journal
from astraios_ray.search.journal_writer import Telling
from astraios_ray.search.repeats import is_repeat, missing_repeats
from astraios_ray.search.scheduler import Ruling, Verb
from astraios_ray.search.schedulers import make_rule
from astraios_ray.search.searcher import ALL, Numbers, Proposal, Proposer
from astraios_ray.space.make_specs import make_spec
from astraios_ray.space.space import Space
from astraios_ray.tracking.tracker import Tracker


@dataclass
class _Trial:
    """One trial on the desk."""

    result: TrialResult
    cohort: int
    leased: bool = False  # somebody trains it now

    @property
    def step(self) -> int:
        """The step of its newest checkpoint."""
        return self.result.checkpoint.step if self.result.checkpoint else 0


class Desk:
    """All trials that compete with one another, and every decision about them."""

    def __init__(
        self,
        study: StudyConfig,
        space: Space,
        *,
        log: Path,
        journal: Journal,
        tracker: Tracker,
        spending: Spending,
        numbers: Numbers = ALL,
    ) -> None:
        """``log`` is Optuna's file. Of the study's trials it has those of ``numbers``."""
        self.spending = spending
        self._study, self._space, self._telling = study, space, Telling(journal, tracker)
        self._rule = make_rule(
            study.early_stop,
            max_steps=study.training.max_steps,
            validate_every=study.training.validate_every,
            seed=study.search.seed,
        )
        self._proposer = Proposer(study, space, log, numbers)
        self._numbers, self._learns = numbers, learns(study)
        self._trials: dict[str, _Trial] = {}
        self._ready: list[str] = []
        self._cohorts = 0
        self._exhausted = False

    # --- what a backend asks -------------------------------------------------------------------

    @property
    def rungs(self) -> tuple[int, ...]:
        """The steps at which leases end."""
        return self._rule.rungs

    def ready(self) -> Sequence[str]:
        """Trials that may train now, those that go on first.

        Proposes a cohort when all trials ended; where nothing is learned from one cohort for the next, as
        soon as none is ready, so that a rung that waits for its last trials leaves no slot empty. At
        last, when all have ended, it asks for repeats.
        """
        if self._over_budget():
            self._stop_waiting("the study's budget is spent")
        if not self._ready and (not self._learns or self._all_ended):
            self._propose()
        if not self._ready and self._all_ended:
            self._repeat()
        return tuple(sorted(self._ready, key=self.turn))

    def turn(self, trial: str) -> tuple[int, str]:
        """By what ready trials are sorted: those that are furthest first."""
        return -self._trials[trial].step, trial

    @property
    def done(self) -> bool:
        """Whether no trial is left that runs, waits or could be proposed."""
        return not self.ready() and self._all_ended

    def claim(self, trial: str) -> Lease:
        """Lease a ready trial up to its next rung."""
        self._ready.remove(trial)
        entry = self._trials[trial]
        entry.leased = True
        self._set(trial, state=TrialState.RUNNING)
        return Lease(entry.result.spec, self._next_rung(entry.step), entry.result.checkpoint)

    def settle(self, stretch: Stretch) -> Sequence[str]:
        """Take in what came of a lease. Returns the *other* trials that end because of it."""
        return self._settle(stretch, spent=self._over_budget())

    def _settle(self, stretch: Stretch, *, spent: bool) -> Sequence[str]:
        entry = self._trials[stretch.trial]
        entry.leased = False
        if entry.result.state.ended:
            return []
        self._telling.stretch(entry.result.spec, stretch, spent=spent, seconds=self.spending.seconds)
        self._set(
            stretch.trial,
            points=(*entry.result.points, *stretch.points),
            checkpoint=stretch.checkpoint or entry.result.checkpoint,
            cost=stretch.cost,
        )
        return self._rule_on(stretch, spent=spent)

    def release(self, trial: str) -> None:
        """Give a lease back untrained, since whoever held it is gone."""
        entry = self._trials[trial]
        if entry.leased:
            entry.leased = False
            self._ready.append(trial)

    # --- what others look at -------------------------------------------------------------------

    @property
    def results(self) -> tuple[TrialResult, ...]:
        """Every trial as it stands."""
        return tuple(trial.result for trial in self._trials.values())

    @property
    def running(self) -> int:
        """How many leases are out."""
        return sum(trial.leased for trial in self._trials.values())

    def waiting_for(self) -> str:
        """What the early-stopping rule waits for, in words."""
        return self._rule.waiting_for()

    def state(self, trial: str) -> TrialState:
        """Where a trial stands."""
        return self._trials[trial].result.state

    def scored(self, trial: str, score: Score) -> None:
        """File a downstream score of a trial."""
        result = self._trials[trial].result
        others = tuple(known for known in result.scores if known.evaluator != score.evaluator)
        self._set(trial, scores=(*others, score))

    # --- from the journal ----------------------------------------------------------------------

    def replay(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Come to where the records end. Trials whose lease was out are ready again."""
        self._telling.replaying = True
        for record in records:
            self._take_in(record)
        self._telling.replaying = False
        told = {record["trial"] for record in records if record["kind"] == "ended"}
        for trial, entry in self._trials.items():  # ended, but killed before it could be said
            if entry.result.state.ended and trial not in told:
                self._telling.ended(entry.result)

    def _take_in(self, record: Mapping[str, Any]) -> None:
        match record["kind"]:
            case "cohort":
                specs = [decode(TrialSpec, raw) for raw in record["specs"]]
                proposals = [Proposal(entry["method"], entry["values"]) for entry in record["proposals"]]
                for proposal in proposals:
                    self._proposer.file(proposal)
                self._enter(specs)
                self._cohorts += 1
            case "repeats":
                self._enter([decode(TrialSpec, raw) for raw in record["specs"]])
            case "stretch":
                stretch = decode(Stretch, record["stretch"])
                if stretch.trial in self._ready:
                    self._ready.remove(stretch.trial)
                self._settle(stretch, spent=record["spent"])
            case "ended" if not self.state(record["trial"]).ended:
                self._end(record["trial"], TrialState(record["state"]), record["reason"])

    # --- decisions -----------------------------------------------------------------------------

    def _propose(self) -> None:
        known = sum(not is_repeat(trial) for trial in self._trials)
        left = self._study.budget.trials - known
        if left <= 0 or self._exhausted or self._over_budget():
            return
        size = cohort_size(self._study, len(self._space), self.rungs, first=not self._cohorts)
        proposals = self._proposer.cohort(self._cohorts, min(left, size))
        if not proposals:
            self._exhausted = True
            return
        specs = [
            make_spec(
                self._study,
                self._numbers.of(place),
                proposal.method,
                proposal.values,
                self._study.search.seed,
            )
            for place, proposal in enumerate(proposals, start=known)
        ]
        self._telling.cohort(self._cohorts, proposals, specs)
        self._enter(specs)
        self._cohorts += 1

    def _repeat(self) -> None:
        specs = [] if self._over_budget() else missing_repeats(self.results, self._study.evaluate)
        if specs:
            self._telling.repeats(specs)
            self._enter(specs)

    def _enter(self, specs: Sequence[TrialSpec]) -> None:
        for spec in specs:
            self._trials[spec.id] = _Trial(TrialResult(spec, TrialState.PARKED), self._cohorts)
            self._rule.enter(spec.id, spec.method, self._cohorts)
            self._ready.append(spec.id)

    def _rule_on(self, stretch: Stretch, *, spent: bool) -> list[str]:
        entry = self._trials[stretch.trial]
        if stretch.state in (TrialState.DIVERGED, TrialState.FAILED):
            self._end(stretch.trial, stretch.state, stretch.reason)
            return self._apply(self._rule.gone(stretch.trial), but=stretch.trial)
        if entry.step >= entry.result.spec.recipe.max_steps:
            self._end(stretch.trial, TrialState.COMPLETE, "")
            return []
        if spent:
            self._end(stretch.trial, TrialState.STOPPED, "the study's budget is spent")
            return self._apply(self._rule.gone(stretch.trial), but=stretch.trial)
        loss = entry.result.points[-1].loss
        return self._apply(self._rule.report(stretch.trial, entry.step, loss), but=stretch.trial)

    def _apply(self, rulings: Sequence[Ruling], but: str) -> list[str]:
        ended = []
        for ruling in rulings:
            if self.state(ruling.trial).ended:
                continue
            match ruling.verb:
                case Verb.GO:
                    self._set(ruling.trial, state=TrialState.PARKED, audited=ruling.audited)
                    self._ready.append(ruling.trial)
                case Verb.PARK:
                    self._set(ruling.trial, state=TrialState.PARKED)
                case Verb.STOP:
                    self._end(ruling.trial, TrialState.STOPPED, ruling.reason)
                    ended.append(ruling.trial)
        return [trial for trial in ended if trial != but]

    def _stop_waiting(self, reason: str) -> None:
        for trial, entry in self._trials.items():
            if not entry.leased and not entry.result.state.ended:
                self._end(trial, TrialState.STOPPED, reason)
        self._ready.clear()

    def _end(self, trial: str, state: TrialState, reason: str) -> None:
        if trial in self._ready:
            self._ready.remove(trial)
        self._set(trial, state=state, reason=reason)
        result = self._trials[trial].result
        if not is_repeat(trial):
            self._proposer.tell(result)
        self._telling.ended(result)

    # --- small things --------------------------------------------------------------------------

    def _over_budget(self) -> bool:
        return not self._telling.replaying and self.spending.over

    @property
    def _all_ended(self) -> bool:
        return all(trial.result.state.ended for trial in self._trials.values())

    def _next_rung(self, step: int) -> int:
        return next(rung for rung in self.rungs if rung > step)

    def _set(self, trial: str, **changes: Any) -> None:
        entry = self._trials[trial]
        entry.result = replace(entry.result, **changes)
