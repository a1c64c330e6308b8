"""The board of a search: all its trials, which of them may train next, and what each result decides.

A backend decides nothing: it asks for train tasks, has them trained and tells their reports. All decisions
are made here, in one thread, and every fact is in the journal before anybody acts on it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from astraios_ray.config.study import StudyConfig
from astraios_ray.records import Score, TrainReport, TrainTask, TrialResult, TrialSpec, TrialState, decode
from astraios_ray.search.brackets import bracket_size, learns
from astraios_ray.search.budget_meter import SPENT, BudgetMeter
from astraios_ray.search.journal import Journal
from astraios_ray.search.journal_writer import JournalWriter
from astraios_ray.search.repeats import is_repeat, missing_repeats
from astraios_ray.search.scheduler import Action, Decision
from astraios_ray.search.schedulers import make_scheduler
from astraios_ray.search.searcher import ALL, Searcher, Suggestion, TrialNumbers
from astraios_ray.space.make_specs import make_spec
from astraios_ray.space.space import Space
from astraios_ray.tracking.tracker import Tracker
from astraios_ray.trial.spec_reader import spec_of


@dataclass
class _Trial:
    """The state of one trial on the board."""

    result: TrialResult
    bracket: int
    training: bool = False  # whether its train task is out

    @property
    def step(self) -> int:
        """The step of the newest checkpoint, or 0."""
        return self.result.checkpoint.step if self.result.checkpoint else 0


class TrialBoard:
    """Holds all trials that compete with one another and makes every decision about them."""

    def __init__(
        self,
        study: StudyConfig,
        space: Space,
        *,
        log: Path,
        journal: Journal,
        tracker: Tracker,
        budget_meter: BudgetMeter,
        numbers: TrialNumbers = ALL,
    ) -> None:
        """``log`` is Optuna's file; ``numbers`` are those of the study's trials that belong to this board."""
        self.budget_meter = budget_meter
        self._study, self._space, self._writer = study, space, JournalWriter(journal, tracker)
        self._scheduler = make_scheduler(
            study.early_stop,
            max_steps=study.training.max_steps,
            validate_every=study.training.validate_every,
            seed=study.search.seed,
        )
        self._searcher = Searcher(study, space, log, numbers)
        self._numbers, self._learns = numbers, learns(study)
        self._trials: dict[str, _Trial] = {}
        self._ready: list[str] = []
        self._brackets = 0
        self._exhausted = False

    # --- what a backend asks -------------------------------------------------------------------

    @property
    def rungs(self) -> tuple[int, ...]:
        """The steps at which train tasks end."""
        return self._scheduler.rungs

    def ready(self) -> Sequence[str]:
        """The trials that may train now, those with the most steps first.

        Suggests a new bracket when all trials have ended. Where the sampler learns nothing between brackets,
        it does so as soon as no trial is ready: no slot is empty while a rung waits for its last trials.
        When all trials have ended and no bracket follows, it adds the repeats.
        """
        if self._over_budget():
            self._stop_waiting(SPENT)
        if not self._ready and (not self._learns or self._all_ended):
            self._propose()
        if not self._ready and self._all_ended:
            self._repeat()
        return tuple(sorted(self._ready, key=self.turn))

    def turn(self, trial: str) -> tuple[int, str]:
        """The sort key of ready trials: the one with the most steps first."""
        return -self._trials[trial].step, trial

    @property
    def done(self) -> bool:
        """Whether no trial runs, waits or could still be suggested."""
        return not self.ready() and self._all_ended

    def ask(self, trial: str) -> TrainTask:
        """The task of training a ready trial up to its next rung."""
        self._ready.remove(trial)
        entry = self._trials[trial]
        entry.training = True
        self._set(trial, state=TrialState.RUNNING)
        return TrainTask(entry.result.spec, self._next_rung(entry.step), entry.result.checkpoint)

    def tell(self, train_report: TrainReport) -> Sequence[str]:
        """Take the report of a train task. Returns the *other* trials that end because of it."""
        return self._tell(train_report, spent=self._over_budget())

    def _tell(self, train_report: TrainReport, *, spent: bool) -> Sequence[str]:
        entry = self._trials[train_report.trial]
        entry.training = False
        if entry.result.state.ended:
            return []
        self._writer.train_report(
            entry.result.spec, train_report, spent=spent, seconds=self.budget_meter.seconds
        )
        self._set(
            train_report.trial,
            points=(*entry.result.points, *train_report.points),
            checkpoint=train_report.checkpoint or entry.result.checkpoint,
            cost=train_report.cost,
        )
        return self._decide(train_report, spent=spent)

    def release(self, trial: str) -> None:
        """Take back the train task of ``trial`` from a worker that was lost. The trial is ready again."""
        entry = self._trials[trial]
        if entry.training:
            entry.training = False
            self._ready.append(trial)

    # --- the state of trials -------------------------------------------------------------------

    @property
    def results(self) -> tuple[TrialResult, ...]:
        """Every trial as it stands."""
        return tuple(trial.result for trial in self._trials.values())

    @property
    def running(self) -> int:
        """How many train tasks are out."""
        return sum(trial.training for trial in self._trials.values())

    def waiting_for(self) -> str:
        """What the scheduler waits for, in words."""
        return self._scheduler.waiting_for()

    def state(self, trial: str) -> TrialState:
        """The state of ``trial``."""
        return self._trials[trial].result.state

    def scored(self, trial: str, score: Score) -> None:
        """Add a downstream score to ``trial``."""
        result = self._trials[trial].result
        other_scores = tuple(other for other in result.scores if other.evaluator != score.evaluator)
        self._set(trial, scores=(*other_scores, score))

    # --- from the journal ----------------------------------------------------------------------

    def replay(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Restore the state after ``records``. Trials whose train task was out are ready again."""
        self._writer.replaying = True
        for record in records:
            self._take_in(record)
        self._writer.replaying = False
        recorded_ends = {record["trial"] for record in records if record["kind"] == "ended"}
        for trial, entry in self._trials.items():  # an end that a killed session did not record
            if entry.result.state.ended and trial not in recorded_ends:
                self._writer.ended(entry.result)

    def _take_in(self, record: Mapping[str, Any]) -> None:
        match record["kind"]:
            case "bracket":
                specs = [spec_of(raw) for raw in record["specs"]]
                suggestions = [
                    Suggestion(entry["method"], entry["values"]) for entry in record["suggestions"]
                ]
                for suggestion in suggestions:
                    self._searcher.file(suggestion)
                self._enter(specs)
                self._brackets += 1
            case "repeats":
                self._enter([spec_of(raw) for raw in record["specs"]])
            case "train_report":
                train_report = decode(TrainReport, record["train_report"])
                if train_report.trial in self._ready:
                    self._ready.remove(train_report.trial)
                self._tell(train_report, spent=record["spent"])
            case "ended" if not self.state(record["trial"]).ended:
                self._end(record["trial"], TrialState(record["state"]), record["reason"])

    # --- decisions -----------------------------------------------------------------------------

    def _propose(self) -> None:
        count = sum(not is_repeat(trial) for trial in self._trials)
        trials_left = self._study.budget.trials - count
        if trials_left <= 0 or self._exhausted or self._over_budget():
            return
        size = bracket_size(self._study, len(self._space), self.rungs, first=not self._brackets)
        suggestions = self._searcher.bracket(self._brackets, min(trials_left, size))
        if not suggestions:
            self._exhausted = True
            return
        from astraios_ray.methods.method import traits_of  # imports torch, which no replay needs

        specs = [
            make_spec(
                self._study,
                self._numbers.of(place),
                suggestion.method,
                suggestion.values,
                self._study.search.seed,
                traits_of,
            )
            for place, suggestion in enumerate(suggestions, start=count)
        ]
        self._writer.bracket(self._brackets, suggestions, specs)
        self._enter(specs)
        self._brackets += 1

    def _repeat(self) -> None:
        specs = [] if self._over_budget() else missing_repeats(self.results, self._study.evaluate)
        if specs:
            self._writer.repeats(specs)
            self._enter(specs)

    def _enter(self, specs: Sequence[TrialSpec]) -> None:
        for spec in specs:
            self._trials[spec.id] = _Trial(TrialResult(spec, TrialState.PAUSED), self._brackets)
            self._scheduler.enter(spec.id, spec.method, self._brackets)
            self._ready.append(spec.id)

    def _decide(self, train_report: TrainReport, *, spent: bool) -> list[str]:
        trial = train_report.trial
        entry = self._trials[trial]
        if train_report.state in (TrialState.DIVERGED, TrialState.FAILED):
            self._end(trial, train_report.state, train_report.reason)
            return self._apply(self._scheduler.gone(trial), but=trial)
        if entry.step >= entry.result.spec.recipe.max_steps:
            self._end(trial, TrialState.COMPLETE, "")
            return []
        if spent:
            self._end(trial, TrialState.STOPPED, SPENT)
            return self._apply(self._scheduler.gone(trial), but=trial)
        loss = entry.result.points[-1].loss
        return self._apply(self._scheduler.report(trial, entry.step, loss), but=trial)

    def _apply(self, decisions: Sequence[Decision], but: str) -> list[str]:
        ended_trials = []
        for decision in decisions:
            if self.state(decision.trial).ended:
                continue
            match decision.action:
                case Action.CONTINUE:
                    self._set(decision.trial, state=TrialState.PAUSED, audited=decision.audited)
                    self._ready.append(decision.trial)
                case Action.PAUSE:
                    self._set(decision.trial, state=TrialState.PAUSED)
                case Action.STOP:
                    self._end(decision.trial, TrialState.STOPPED, decision.reason)
                    ended_trials.append(decision.trial)
        return [trial for trial in ended_trials if trial != but]

    def _stop_waiting(self, reason: str) -> None:
        for trial, entry in self._trials.items():
            if not entry.training and not entry.result.state.ended:
                self._end(trial, TrialState.STOPPED, reason)
        self._ready.clear()

    def _end(self, trial: str, state: TrialState, reason: str) -> None:
        if trial in self._ready:
            self._ready.remove(trial)
        self._set(trial, state=state, reason=reason)
        result = self._trials[trial].result
        if not is_repeat(trial):
            self._searcher.tell(result)
        self._writer.ended(result)

    # --- properties ----------------------------------------------------------------------------

    def _over_budget(self) -> bool:
        return not self._writer.replaying and self.budget_meter.over

    @property
    def _all_ended(self) -> bool:
        return all(trial.result.state.ended for trial in self._trials.values())

    def _next_rung(self, step: int) -> int:
        return next(rung for rung in self.rungs if rung > step)

    def _set(self, trial: str, **changes: Any) -> None:
        entry = self._trials[trial]
        entry.result = replace(entry.result, **changes)
