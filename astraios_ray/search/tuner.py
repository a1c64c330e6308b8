"""Conduct a study from its first trial to its last score, going on from whatever the journal holds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from time import monotonic, time
from typing import Any

from astraios_ray.config.study import StudyConfig
from astraios_ray.config.tasks import parse_task
from astraios_ray.errors import ExamFailed
from astraios_ray.records import (
    Exam,
    Provenance,
    Sampling,
    Score,
    StudyRecord,
    TrialResult,
    TrialState,
    decode,
    encode,
)
from astraios_ray.search.backend import Backend
from astraios_ray.search.eval_protocol import answers, begins, questions, sampling_of
from astraios_ray.search.folder import StudyFolder
from astraios_ray.search.journal import BASE, Journal, read_journal
from astraios_ray.search.progress import Snapshot
from astraios_ray.search.repeats import repeats_expected, to_score
from astraios_ray.search.trial_boards import Desks
from astraios_ray.space.make_specs import make_spec
from astraios_ray.space.space import Space
from astraios_ray.tracking.tracker import Tracker

STATUS_SECONDS = 1.0  # between two writings of status.json


class Conductor:
    """One session of one study. The caller holds the folder."""

    def __init__(
        self,
        study: StudyConfig,
        space: Space,
        *,
        folder: StudyFolder,
        tracker: Tracker,
        show: Callable[[Snapshot], None],
        provenance: Provenance,
        front: Sequence[str] = (),
    ) -> None:
        """``front`` are the special tokens that the model's tokenizer puts in front of every prompt."""
        self._study, self._space, self._folder = study, space, folder
        self._tracker, self._show, self._provenance = tracker, show, provenance
        records = list(read_journal(folder.journal))
        self._journal = Journal(folder.journal)
        self._desk = Desks(study, space, folder=folder.place, journal=self._journal, tracker=tracker)
        self._base_scores: dict[str, Score] = {}  # of the untuned model, by evaluator
        self._front = front
        self._asked = questions(study.evaluate, study.search.seed, front)
        self._evaluators = folder.contents.get("evaluate", {})  # their contents by task
        self._resume(records)
        self._steps_before = _steps(self._desk.results)
        self._started = monotonic()
        self._status_at = 0.0
        self._exams: tuple[int, int] = (0, 0)  # scored, to score
        self._backend: Backend | None = None

    def run(self, backend: Backend) -> None:
        """Train every trial and score the finalists. What was done in earlier sessions is not done again."""
        self._backend = backend
        told = {"at": time(), "provenance": encode(self._provenance), **begins(self._front)}
        self._journal.write("session", **told)
        self._tracker.study_started(self._study.name, self._study.resolved(), self._provenance)
        backend.train(self._desk, lambda: self._tick("search"))
        exams = self._exams_left()
        if exams:
            self._examine(exams, backend)
        self._journal.write("done", seconds=self.seconds)
        self._tick("report", now=True)

    def _examine(self, exams: Sequence[Exam], backend: Backend) -> None:
        self._exams = (0, len(exams))
        self._tick("evaluate", now=True)
        broken: list[str] = []
        for done, (exam, outcome) in enumerate(backend.examine(exams), start=1):
            if isinstance(outcome, Score):
                self._file_score(exam, outcome)
            else:
                broken.append(f"{exam.spec.id if exam.checkpoint else BASE} on {exam.evaluator}: {outcome}")
            self._exams = (done, len(exams))
            self._tick("evaluate")
        if broken:
            raise ExamFailed(f"{len(broken)} of {len(exams)} models could not be scored; {broken[0]}")

    def close(self) -> None:
        """Note how long the session took, and close the journal. Safe at any moment."""
        self._journal.write("closed", seconds=self.seconds)
        self._journal.close()

    def record(self, links: Mapping[str, str] | None = None) -> StudyRecord:
        """All that is known of the study now."""
        results = self._desk.results
        return StudyRecord(
            name=self._study.name,
            folder=str(self._folder.place),
            config=self._study.resolved(),
            results=results,
            base_scores=tuple(self._base_scores.values()),
            provenance=self._provenance,
            seconds=self.seconds,
            complete=bool(results) and all(r.state.ended for r in results) and not self._exams_left(),
            links=dict(links or {}),
        )

    @property
    def seconds(self) -> float:
        """Wall time of all sessions; of one that was killed, up to the last result that it filed."""
        return self._desk.spending.seconds

    def _resume(self, records: Sequence[Mapping[str, Any]]) -> None:
        self._desk.replay([r for r in records if r["kind"] in ("cohort", "repeats", "stretch", "ended")])
        for record in records:
            if record["kind"] == "scored" and answers(record, self._asked, self._evaluators):
                self._keep_score(record["trial"], decode(Score, record["score"]))
        # a session that was killed has no "closed"
        self._desk.spending.seconds_before = max((r.get("seconds", 0.0) for r in records), default=0.0)

    def _exams_left(self) -> list[Exam]:
        asked = self._study.evaluate
        if asked.which == "none" or not asked.tasks:
            return []
        sampling = sampling_of(asked, self._study.search.seed)
        chosen = to_score(self._desk.results, asked)
        exams = [
            self._base_exam(task, sampling)
            for task in asked.tasks
            if parse_task(task).label not in self._base_scores
        ]
        exams += [
            Exam(result.spec, result.checkpoint, task, sampling, asked.limit)
            for result in chosen
            for task in asked.tasks
            if parse_task(task).label not in {score.evaluator for score in result.scores}
        ]
        return exams

    def _base_exam(self, task: str, sampling: Sampling) -> Exam:
        spec = make_spec(self._study, 0, next(iter(self._space)), {}, self._study.search.seed)
        spec = replace(spec, model=self._study.model.ref())  # not as some method would load it
        return Exam(spec, None, task, sampling, self._study.evaluate.limit)

    def _file_score(self, exam: Exam, score: Score) -> None:
        trial = exam.spec.id if exam.checkpoint else BASE
        told = {"trial": trial, "score": encode(score), "asked": self._asked, "seconds": self.seconds}
        contents = self._evaluators.get(score.evaluator)
        self._journal.write("scored", **told, **({"contents": contents} if contents else {}))
        self._keep_score(trial, score)
        if trial != BASE:
            self._tracker.scored(self._result(trial), score)

    def _keep_score(self, trial: str, score: Score) -> None:
        if trial == BASE:
            self._base_scores[score.evaluator] = score
        else:
            self._desk.scored(trial, score)

    def _result(self, trial: str) -> TrialResult:
        return next(result for result in self._desk.results if result.spec.id == trial)

    def _tick(self, phase: str, *, now: bool = False) -> None:
        snapshot = self.snapshot(phase)
        self._show(snapshot)
        if now or monotonic() - self._status_at > STATUS_SECONDS:
            self._status_at = monotonic()
            self._folder.write_status(encode(snapshot))

    def snapshot(self, phase: str) -> Snapshot:
        """How the study stands, for a display."""
        results = self._desk.results
        ended: dict[str, int] = {}
        for result in results:
            if result.state.ended:
                ended[result.state.value] = ended.get(result.state.value, 0) + 1
        return Snapshot(
            phase=phase,
            planned=max(len(results), self._study.budget.trials),
            running=self._desk.running,
            parked=sum(r.state is TrialState.PARKED for r in results),
            ended=ended,
            rung=self._desk.waiting_for() if phase == "search" else "",
            best=_best(results),
            lanes=self._backend.lanes if self._backend else 0,
            scored=self._exams[0],
            to_score=self._exams[1],
            seconds=self.seconds,
            eta_seconds=self._eta(phase, results),
        )

    def _eta(self, phase: str, results: Sequence[TrialResult]) -> float | None:
        """Wall seconds left of the search, from the share of the expected steps that are done."""
        if phase != "search":
            return None
        done = _steps(results)
        left, here = max(0, self._expected_steps() - done), done - self._steps_before
        return (monotonic() - self._started) * left / here if here else None

    def _expected_steps(self) -> int:
        rungs, left, steps, before = self._desk.rungs, self._study.budget.trials, 0, 0
        for rung in rungs:
            steps += left * (rung - before)
            before = rung
            if self._study.early_stop.rule in ("halving", "asha"):
                left = max(len(self._space), left // self._study.early_stop.reduction)
        return steps + repeats_expected(self._study) * rungs[-1]


def _steps(results: Sequence[TrialResult]) -> int:
    return sum(result.last.step for result in results if result.last)


def _best(results: Sequence[TrialResult]) -> str:
    able = [result for result in results if result.rankable and result.last]
    if not able:
        return ""
    best = min(able, key=lambda r: r.last.loss if r.last else float("inf"))
    assert best.last
    return f"{best.spec.label} {best.last.loss:.4f} at step {best.last.step}"
