"""Runs a study from its first trial to its last score, from wherever its journal ends."""

import logging
from collections.abc import Callable, Mapping, Sequence
from time import monotonic, time
from typing import Any

from astraios_ray.config.study import StudyConfig
from astraios_ray.config.tasks import parse_task
from astraios_ray.errors import EvalTaskFailed
from astraios_ray.records import (
    EvalTask,
    MethodTraits,
    Provenance,
    Sampling,
    Score,
    StudyRecord,
    TrialResult,
    encode,
)
from astraios_ray.search.backend import Backend
from astraios_ray.search.brackets import bracket_count
from astraios_ray.search.eval_protocol import begins, sampling_of
from astraios_ray.search.folder import StudyFolder
from astraios_ray.search.journal import BASE, FORMAT, Journal, read_journal
from astraios_ray.search.progress import Progress
from astraios_ray.search.repeats import repeats_expected, to_score
from astraios_ray.search.replay import Replay
from astraios_ray.search.searcher import open_searchers
from astraios_ray.search.trial_board import TrialBoard
from astraios_ray.space.make_specs import make_spec
from astraios_ray.space.space import Space
from astraios_ray.tracking.tracker import Tracker

STATUS_SECONDS = 1.0  # between two writings of status.json

LOG = logging.getLogger(__name__)


class Tuner:
    """Runs one session of one study. The caller holds the lock of the folder."""

    def __init__(
        self,
        study: StudyConfig,
        space: Space,
        *,
        folder: StudyFolder,
        tracker: Tracker,
        show: Callable[[Progress], None],
        provenance: Provenance,
        front: Sequence[str] = (),
    ) -> None:
        """``front`` are the special tokens that the model's tokenizer puts in front of every prompt."""
        self._study, self._space, self._folder = study, space, folder
        self._tracker, self._show, self._provenance = tracker, show, provenance
        self._front = front
        self._evaluators = folder.contents.get("evaluate", {})  # their contents by task
        self._replay = Replay.of(study, front=front, contents=self._evaluators)
        self._replay.take_in_all(read_journal(folder.journal), folder.journal)
        searchers = open_searchers(study, space, folder.place, self._replay.trials.results)
        self._journal = Journal(folder.journal)
        self._board = TrialBoard(
            study, self._replay.trials, searchers, journal=self._journal, tracker=tracker
        )
        self._board.budget_meter.seconds_before = self._replay.seconds
        self._steps_before = self._board.totals.steps
        self._steps_expected = self._expected_steps()
        self._started = monotonic()
        self._status_at, self._status_failed = 0.0, False
        self._eval_tasks: tuple[int, int] = (0, 0)  # scored, to score
        self._backend: Backend | None = None

    def run(self, backend: Backend) -> None:
        """Train every trial and score the finalists; the results of earlier sessions are kept."""
        self._backend = backend
        at, front = {"format": FORMAT, "at": time()}, begins(self._front)
        held = {"study": self._study.resolved(), "contents": self._folder.contents}
        self._note("session", **at, **held, provenance=encode(self._provenance), **front)
        self._tracker.study_started(self._study.name, self._study.resolved(), self._provenance)
        for result in self._replay.trials.results:
            self._tracker.repeat(result)
        backend.train(self._board, lambda: self._tick("search"))
        eval_tasks = self._eval_tasks_left()
        if eval_tasks:
            self._examine(eval_tasks, backend)
        self._note("done", seconds=self.seconds)
        self._tick("report", now=True)

    def _examine(self, eval_tasks: Sequence[EvalTask], backend: Backend) -> None:
        self._eval_tasks = (0, len(eval_tasks))
        self._tick("evaluate", now=True)
        failures: list[str] = []
        for count, (eval_task, outcome) in enumerate(backend.examine(eval_tasks), start=1):
            if isinstance(outcome, Score):
                self._file_score(eval_task, outcome)
            else:
                model = eval_task.spec.id if eval_task.checkpoint else BASE
                failures.append(f"{model} on {eval_task.evaluator}: {outcome}")
            self._eval_tasks = (count, len(eval_tasks))
            self._tick("evaluate")
        if failures:
            raise EvalTaskFailed(
                f"{len(failures)} of {len(eval_tasks)} models could not be scored; {failures[0]}"
            )

    def close(self) -> None:
        """Record how long the session took, and close the journal. Safe at any moment."""
        self._journal.write("closed", seconds=self.seconds)
        self._journal.close()

    def record(self, links: Mapping[str, str] | None = None) -> StudyRecord:
        """The record of the study as it stands now."""
        return StudyRecord(
            name=self._study.name,
            folder=str(self._folder.place),
            config=self._study.resolved(),
            results=self._board.results,
            base_scores=tuple(self._replay.base_scores.values()),
            provenance=self._provenance,
            seconds=self.seconds,
            complete=self._replay.complete,
            links=dict(links or {}),
            prompt_front=tuple(self._front),
        )

    @property
    def seconds(self) -> float:
        """Wall time of all sessions; a killed session counts up to its last recorded result."""
        return self._board.budget_meter.seconds

    def _note(self, kind: str, **content: Any) -> None:
        """Write a record, and take it in as a later session will."""
        self._journal.write(kind, **content)
        self._replay.take_in({"kind": kind, **content})

    def _eval_tasks_left(self) -> list[EvalTask]:
        config = self._study.evaluate
        if config.which == "none" or not config.tasks:
            return []
        sampling = sampling_of(config, self._study.search.seed)
        results = to_score(self._board.results, config)
        eval_tasks = [
            self._base_eval_task(task, sampling)
            for task in config.tasks
            if parse_task(task).label not in self._replay.base_scores
        ]
        eval_tasks += [
            EvalTask(result.spec, result.checkpoint, task, sampling, config.limit, result.points)
            for result in results
            for task in config.tasks
            if parse_task(task).label not in {score.evaluator for score in result.scores}
        ]
        return eval_tasks

    def _base_eval_task(self, task: str, sampling: Sampling) -> EvalTask:
        spec = make_spec(
            self._study,
            0,
            next(iter(self._space)),
            {},
            self._study.search.seed,
            lambda *_: MethodTraits(),  # no method is put on the base
        )
        return EvalTask(spec, None, task, sampling, self._study.evaluate.limit)

    def _file_score(self, eval_task: EvalTask, score: Score) -> None:
        trial = eval_task.spec.id if eval_task.checkpoint else BASE
        record = {
            "trial": trial,
            "score": encode(score),
            "asked": self._replay.protocol,
            "seconds": self.seconds,
        }
        contents = self._evaluators.get(score.evaluator)
        self._note("scored", **record, **({"contents": contents} if contents else {}))
        if trial != BASE:
            self._tracker.scored(self._replay.trials[trial], score)

    def _tick(self, phase: str, *, now: bool = False) -> None:
        progress = self.progress(phase)
        self._show(progress)
        if now or monotonic() - self._status_at > STATUS_SECONDS:
            self._status_at = monotonic()
            self._write_status(progress)

    def _write_status(self, progress: Progress) -> None:
        """Others read it, and nothing here needs it: a search goes on where it cannot be written."""
        try:
            self._folder.write_status(encode(progress))
        except OSError as error:
            if not self._status_failed:
                LOG.warning("The progress cannot be written for others to read: %s", error)
            self._status_failed = True

    def progress(self, phase: str) -> Progress:
        """The progress of the study, for a display."""
        totals, running = self._board.totals, self._board.running
        return Progress(
            phase=phase,
            planned=max(totals.trials, self._study.budget.trials),
            running=running,
            paused=totals.open - running,
            ended=dict(totals.ended),
            rung=self._board.waiting_for() if phase == "search" else "",
            best=_best(self._board.best),
            lanes=self._backend.lanes if self._backend else 0,
            stopped_lanes=_stopped(self._backend.stopped_lanes) if self._backend else "",
            scored=self._eval_tasks[0],
            to_score=self._eval_tasks[1],
            seconds=self.seconds,
            eta_seconds=self._eta(phase),
        )

    def _eta(self, phase: str) -> float | None:
        """Wall seconds until the search ends, from this session's steps and the steps still expected."""
        if phase != "search":
            return None
        steps = self._board.totals.steps
        steps_left, session_steps = max(0, self._steps_expected - steps), steps - self._steps_before
        return (monotonic() - self._started) * steps_left / session_steps if session_steps else None

    def _expected_steps(self) -> int:
        rungs, trials, steps, last_rung = self._board.rungs, self._study.budget.trials, 0, 0
        brackets = bracket_count(self._study, len(self._space), rungs, trials)
        least = len(self._space) * (brackets if self._study.search.within_methods else 1)
        for rung in rungs:
            steps += trials * (rung - last_rung)
            last_rung = rung
            if self._study.early_stop.rule in ("halving", "asha"):
                trials = max(min(least, trials), trials // self._study.early_stop.reduction)
        return steps + repeats_expected(self._study) * rungs[-1]


def _stopped(lanes: Mapping[str, float]) -> str:
    """``lane 1: no step for 75 s``. In steps of 15 s, so that displays do not change all the time."""
    seconds = {name.replace("-", " "): int(passed // 15 * 15) for name, passed in lanes.items()}
    return ", ".join(f"{name}: no step for {passed} s" for name, passed in seconds.items())


def _best(result: TrialResult | None) -> str:
    if result is None or result.last is None:
        return ""
    return f"{result.spec.label} {result.last.loss:.4f} at step {result.last.step}"
