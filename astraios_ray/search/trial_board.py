"""The board of a search: all its trials, which of them may train next, and what each result decides.

A backend decides nothing: it asks for train tasks, has them trained and tells their reports. All decisions
are made here, in one thread, and every fact is in the journal before anybody acts on it. ``Trials`` make the
decisions, from records alone: a search that goes on and a reader of its run folder replay the same journal.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from astraios_ray.config.study import StudyConfig
from astraios_ray.records import (
    Score,
    TrainReport,
    TrainTask,
    TrialResult,
    TrialSpec,
    TrialState,
    decode,
    encode,
)
from astraios_ray.search.brackets import learns
from astraios_ray.search.budget_meter import SPENT, BudgetMeter
from astraios_ray.search.journal import Journal
from astraios_ray.search.ready_trials import ReadyTrials
from astraios_ray.search.repeats import missing_repeats
from astraios_ray.search.scheduler import Action, Decision, Scheduler
from astraios_ray.search.trial_totals import TrialTotals
from astraios_ray.tracking.tracker import Tracker
from astraios_ray.trial.spec_reader import spec_of

if TYPE_CHECKING:  # a reader of a run folder needs no Optuna
    from astraios_ray.search.searcher import Searcher


class Trials:
    """The trials of a study as the records of its journal tell them."""

    def __init__(self, make_scheduler: Callable[[], Scheduler]) -> None:
        self._make_scheduler = make_scheduler
        self._schedulers: dict[str, Scheduler] = {}  # by training set: only trials of one set compete
        self._open: dict[str, dict[str, None]] = {}  # by training set, its trials that have not ended
        self.rungs = make_scheduler().rungs
        self.brackets: dict[str, int] = {}  # by training set
        self.ready = ReadyTrials()
        self.recorded_ends: set[str] = set()
        self.totals = TrialTotals()
        self._results: dict[str, TrialResult] = {}

    def __getitem__(self, trial: str) -> TrialResult:
        return self._results[trial]

    @property
    def results(self) -> tuple[TrialResult, ...]:
        """Every trial as it stands, by number. One that has not ended is paused."""
        return tuple(sorted(self._results.values(), key=lambda result: result.spec.number))

    def of_set(self, training_set: str) -> list[TrialResult]:
        """The trials of one training set, in the order in which they were suggested."""
        return [result for result in self._results.values() if result.spec.training_set == training_set]

    @property
    def best(self) -> TrialResult | None:
        """The trial with the least last loss, if any can be ranked."""
        return self.totals.best(self._results)

    def open(self) -> list[str]:
        """The trials that have not ended."""
        return [trial for trials in self._open.values() for trial in trials]

    def any_open(self, training_set: str) -> bool:
        """Whether a trial of a training set has not ended."""
        return bool(self._open.get(training_set))

    def waiting_for(self) -> str:
        """What the schedulers wait for, in words."""
        return "; ".join(dict.fromkeys(scheduler.waiting_for() for scheduler in self._schedulers.values()))

    def take_in(self, record: Mapping[str, Any]) -> None:
        """Take in a record of the journal. One that is not about a trial's training changes nothing."""
        match record["kind"]:
            case "bracket" | "repeats":
                self.enter([spec_of(raw) for raw in record["specs"]], record.get("number"))
            case "train_report":
                self.report(decode(TrainReport, record["train_report"]), spent=record["spent"])
            case "ended":
                self.recorded_ends.add(record["trial"])
                if not self[record["trial"]].state.ended:
                    self.end(record["trial"], TrialState(record["state"]), record["reason"])

    def enter(self, specs: Sequence[TrialSpec], bracket: int | None) -> None:
        """Add the trials of a bracket, or repeats, which are of none and have no scheduler. All are ready."""
        for spec in specs:
            self._put(TrialResult(spec, TrialState.PAUSED))
            self._open.setdefault(spec.training_set, {})[spec.id] = None
            self.set_ready(spec.id)
            if bracket is not None:
                self._scheduler(spec).enter(spec.id, spec.method, bracket)
                self.brackets[spec.training_set] = bracket + 1

    def report(self, train_report: TrainReport, *, spent: bool) -> list[str]:
        """Take in the report of a train task; ``spent``: so was the budget. Returns the trials that end."""
        trial, result = train_report.trial, self[train_report.trial]
        if result.state.ended:
            return []
        self.set_busy(trial)
        self._put(
            replace(
                result,
                points=(*result.points, *train_report.points),
                checkpoint=train_report.checkpoint or result.checkpoint,
                cost=train_report.cost,
                setup=train_report.setup or result.setup,
            )
        )
        decisions = self._decisions(train_report, spent=spent)
        return [trial] * self[trial].state.ended + self._apply(decisions)

    def end(self, trial: str, state: TrialState, reason: str) -> None:
        """End a trial."""
        result = self[trial]
        self.set_busy(trial)
        self._open[result.spec.training_set].pop(trial)
        self._put(replace(result, state=state, reason=reason))

    def set_ready(self, trial: str) -> None:
        """Let a trial train next."""
        result = self[trial]
        self.ready.add(trial, result.checkpoint_step, result.spec.training_set)

    def set_busy(self, trial: str) -> None:
        """Let a trial train no more for now."""
        self.ready.discard(trial, self[trial].spec.training_set)

    def scored(self, trial: str, score: Score) -> None:
        """Add a downstream score to a trial, in place of an earlier one of the same evaluator."""
        scores = [other for other in self[trial].scores if other.evaluator != score.evaluator]
        self._put(replace(self[trial], scores=(*scores, score)))

    def _put(self, result: TrialResult) -> None:
        self.totals.change(self._results.get(result.spec.id), result)
        self._results[result.spec.id] = result

    def _decisions(self, train_report: TrainReport, *, spent: bool) -> Sequence[Decision]:
        """End the trial where its report or the budget ends it; else, and on other trials, decisions."""
        trial, result = train_report.trial, self[train_report.trial]
        if train_report.state in (TrialState.DIVERGED, TrialState.FAILED):
            self.end(trial, train_report.state, train_report.reason)
            return self._gone(result.spec)
        if result.checkpoint_step >= result.spec.recipe.max_steps:
            self.end(trial, TrialState.COMPLETE, "")
            return ()
        if spent:
            self.end(trial, TrialState.STOPPED, SPENT)
            return self._gone(result.spec)
        if result.spec.repeat_of is not None:  # nothing but the budget stops a repeat
            return [Decision(trial, Action.CONTINUE)]
        scheduler = self._scheduler(result.spec)
        return scheduler.report(trial, result.checkpoint_step, result.points[-1].loss)

    def _gone(self, spec: TrialSpec) -> Sequence[Decision]:
        return () if spec.repeat_of is not None else self._scheduler(spec).gone(spec.id)

    def _apply(self, decisions: Sequence[Decision]) -> list[str]:
        """Carry out decisions on trials that have not ended. Returns those that end."""
        ended = []
        for decision in decisions:
            result = self[decision.trial]
            if result.state.ended or decision.action is Action.PAUSE:
                continue
            if decision.action is Action.STOP:
                self.end(decision.trial, TrialState.STOPPED, decision.reason)
                ended.append(decision.trial)
            else:
                self._put(replace(result, audited=decision.audited))
                self.set_ready(decision.trial)
        return ended

    def _scheduler(self, spec: TrialSpec) -> Scheduler:
        if spec.training_set not in self._schedulers:
            self._schedulers[spec.training_set] = self._make_scheduler()
        return self._schedulers[spec.training_set]


class TrialBoard:
    """Hands out train tasks, takes in their reports, and asks for new trials; records all of it."""

    def __init__(
        self,
        study: StudyConfig,
        trials: Trials,
        searchers: Mapping[str, "Searcher"],
        *,
        journal: Journal,
        tracker: Tracker,
    ) -> None:
        """``trials`` are those of earlier sessions; ``searchers``, by training set, hear of them here."""
        self.budget_meter = BudgetMeter(study.budget)
        self._study, self._trials, self._searchers = study, trials, searchers
        self._journal, self._tracker, self._learns = journal, tracker, learns(study)
        self._training: set[str] = set()  # trials whose train task is out
        self._finished: set[str] = set()  # training sets to which no trial will be added
        for training_set, searcher in searchers.items():
            searcher.resume([r for r in trials.of_set(training_set) if r.spec.repeat_of is None])
        for result in trials.results:  # an end that a killed session did not record
            if result.state.ended and result.spec.id not in trials.recorded_ends:
                self._record_end(result)

    @property
    def rungs(self) -> tuple[int, ...]:
        """The steps at which train tasks end."""
        return self._trials.rungs

    def ready(self) -> Sequence[str]:
        """The trials that may train now, those with the most steps first.

        Suggests a new bracket when all trials of a training set have ended. Where the sampler learns nothing
        between brackets, it does so as soon as no trial is ready: no slot is empty while a rung waits for its
        last trials. When all trials have ended and no bracket follows, it adds the repeats.
        """
        if self.budget_meter.over:
            self._stop_waiting()
        else:
            for training_set, searcher in self._searchers.items():
                self._suggest(training_set, searcher)
        return self._trials.ready.in_order()

    @property
    def done(self) -> bool:
        """Whether no trial runs, waits or could still be suggested."""
        return not self.ready() and not self.totals.open

    def ask(self, trial: str) -> TrainTask:
        """The task of training a ready trial up to its next rung."""
        self._training.add(trial)
        self._trials.set_busy(trial)
        result = self._trials[trial]
        until = next(rung for rung in self.rungs if rung > result.checkpoint_step)
        return TrainTask(result.spec, until, result.checkpoint, result.points)

    def tell(self, train_report: TrainReport) -> Sequence[str]:
        """Take the report of a train task. Returns the *other* trials that end because of it."""
        spent, spec = self.budget_meter.over, self._trials[train_report.trial].spec
        self._training.discard(spec.id)
        if self._trials[spec.id].state.ended:
            return []
        self._journal.write(
            "train_report",
            train_report=encode(train_report),
            spent=spent,
            seconds=self.budget_meter.seconds,
        )
        self._tracker.trial_started(spec, train_report.cost.trainable_parameters)
        for point in train_report.points:
            self._tracker.point(spec, point)
        ended = self._trials.report(train_report, spent=spent)
        for trial in ended:
            self._note_end(trial)
        return [trial for trial in ended if trial != spec.id]

    def release(self, trial: str) -> None:
        """Take back the train task of ``trial`` from a worker that was lost. The trial is ready again."""
        self._training.discard(trial)
        if not self._trials[trial].state.ended:
            self._trials.set_ready(trial)

    @property
    def totals(self) -> TrialTotals:
        """How many trials ended and how, and their steps."""
        return self._trials.totals

    @property
    def best(self) -> TrialResult | None:
        """The trial with the least last loss so far, if any can be ranked."""
        return self._trials.best

    @property
    def results(self) -> tuple[TrialResult, ...]:
        """Every trial as it stands, by number."""
        return tuple(
            replace(result, state=TrialState.RUNNING) if result.spec.id in self._training else result
            for result in self._trials.results
        )

    @property
    def running(self) -> int:
        """How many train tasks are out."""
        return len(self._training)

    def waiting_for(self) -> str:
        """What the schedulers wait for, in words."""
        return self._trials.waiting_for()

    def state(self, trial: str) -> TrialState:
        """The state of ``trial``."""
        return self._trials[trial].state

    def _suggest(self, training_set: str, searcher: "Searcher") -> None:
        """Add a bracket to a training set of which no trial is ready, or the repeats behind the last one."""
        if training_set in self._finished or self._trials.ready.any_of(training_set):
            return
        all_ended = not self._trials.any_open(training_set)
        number = self._trials.brackets.get(training_set, 0)
        if (all_ended or not self._learns) and (specs := searcher.next_bracket(number, self.rungs)):
            self._journal.write("bracket", number=number, specs=[encode(spec) for spec in specs])
            self._trials.enter(specs, number)
        elif all_ended and (specs := self._missing_repeats(training_set)):
            self._journal.write("repeats", specs=[encode(spec) for spec in specs])
            self._trials.enter(specs, None)
        elif all_ended:
            self._finished.add(training_set)

    def _missing_repeats(self, training_set: str) -> list[TrialSpec]:
        numbers = [r.spec.number for r in self._trials.results if r.spec.repeat_of is None]
        above = max(self._study.budget.trials, *(number + 1 for number in numbers), 0)
        return missing_repeats(self._trials.of_set(training_set), self._study.evaluate, above)

    def _stop_waiting(self) -> None:
        """End all trials that do not train, since the budget is spent."""
        for trial in self._trials.open():
            if trial not in self._training:
                self._trials.end(trial, TrialState.STOPPED, SPENT)
                self._note_end(trial)

    def _note_end(self, trial: str) -> None:
        result = self._trials[trial]
        if result.spec.repeat_of is None:
            self._searchers[result.spec.training_set].tell(result)
        self._record_end(result)

    def _record_end(self, result: TrialResult) -> None:
        self._journal.write("ended", trial=result.spec.id, state=result.state.value, reason=result.reason)
        self._tracker.trial_ended(result)
