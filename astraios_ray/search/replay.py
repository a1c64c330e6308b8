"""Where a study stands, read from its run folder alone: by anybody, at any time, without writing."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from astraios_ray.config.study import EarlyStopConfig, EvaluateConfig, TrainingConfig
from astraios_ray.errors import TornFile
from astraios_ray.records import (
    Provenance,
    Score,
    StudyRecord,
    TrainReport,
    TrialResult,
    TrialSpec,
    TrialState,
    decode,
)
from astraios_ray.records.old_names import study_with_new_names, with_new_names
from astraios_ray.search.budget_meter import SPENT
from astraios_ray.search.eval_protocol import PROMPTS_BEGIN, answers, questions
from astraios_ray.search.folder import read_contents
from astraios_ray.search.journal import BASE, read_journal
from astraios_ray.search.progress import Progress
from astraios_ray.search.scheduler import Action, Decision, Scheduler
from astraios_ray.search.schedulers import make_scheduler
from astraios_ray.trial.spec_reader import spec_of


@dataclass(frozen=True)
class ReplayedStudy:
    """A study as its journal tells it. ``progress`` is what its search process last wrote, if it did."""

    record: StudyRecord
    rungs: tuple[int, ...]
    sessions: int
    progress: Progress | None


def replay_folder(folder: Path) -> ReplayedStudy:
    """What the journal, ``resolved.yaml`` and ``status.json`` of a run folder say.

    Raises TornFile when one of them is damaged. Imports nothing that trains.
    """
    config, progress = _config(folder / "resolved.yaml"), _progress(folder / "status.json")
    records = list(read_journal(folder / "journal.jsonl"))
    sessions = [record for record in records if record["kind"] == "session"]
    front = sessions[-1].get(PROMPTS_BEGIN, ()) if sessions else ()
    make, asked = _rule_and_questions(config, folder, front)
    story = _Story(make, asked, read_contents(folder).get("evaluate", {}))
    for record in records:
        story.take_in(record)
    whole = StudyRecord(
        name=str(config["name"]),
        folder=str(folder),
        config=config,
        results=tuple(story.results.values()),
        base_scores=tuple(story.base_scores.values()),
        provenance=story.provenance,
        seconds=max(story.seconds, progress.seconds if progress else 0.0),
        complete=story.complete,
    )
    return ReplayedStudy(whole, story.rungs, story.sessions, progress)


class _Story:
    """The journal's records, taken in one after the other as the board takes them in."""

    def __init__(
        self, make: Callable[[], Scheduler], asked: Mapping[str, Any], contents: Mapping[str, Any]
    ) -> None:
        self._make, self._asked, self._contents = make, asked, contents
        self._rules: dict[str, Scheduler] = {}  # by training set: only trials of the same compete
        self.rungs = make().rungs
        self.results: dict[str, TrialResult] = {}
        self.base_scores: dict[str, Score] = {}
        self.provenance = Provenance({}, "", "")
        self.seconds, self.sessions, self.complete = 0.0, 0, False

    def take_in(self, record: Mapping[str, Any]) -> None:
        match record["kind"]:
            case "bracket":
                self._enter(record["number"], [spec_of(raw) for raw in record["specs"]])
            case "repeats":
                self._enter(0, [spec_of(raw) for raw in record["specs"]])
            case "train_report":
                self._tell(decode(TrainReport, record["train_report"]), spent=record["spent"])
            case "ended" if not self.results[record["trial"]].state.ended:
                self._set(record["trial"], state=TrialState(record["state"]), reason=record["reason"])
            case "scored" if answers(record, self._asked, self._contents):
                self._score(record["trial"], decode(Score, record["score"]))
            case "session":
                self.sessions += 1
                self.provenance = decode(Provenance, record["provenance"])
        self.seconds = max(self.seconds, record.get("seconds", 0.0))
        if record["kind"] != "closed":
            self.complete = record["kind"] == "done"

    def _enter(self, bracket: int, specs: Sequence[TrialSpec]) -> None:
        for spec in specs:
            self.results[spec.id] = TrialResult(spec, TrialState.PAUSED)
            self._rule(spec).enter(spec.id, spec.method, bracket)

    def _tell(self, train_report: TrainReport, *, spent: bool) -> None:
        known = self.results[train_report.trial]
        if known.state.ended:
            return
        checkpoint = train_report.checkpoint or known.checkpoint
        points = (*known.points, *train_report.points)
        self._set(train_report.trial, points=points, checkpoint=checkpoint, cost=train_report.cost)
        step, rule = checkpoint.step if checkpoint else 0, self._rule(known.spec)
        if train_report.state in (TrialState.DIVERGED, TrialState.FAILED):
            self._set(train_report.trial, state=train_report.state, reason=train_report.reason)
            self._apply(rule.gone(train_report.trial))
        elif step >= known.spec.recipe.max_steps:
            self._set(train_report.trial, state=TrialState.COMPLETE)
        elif spent:
            self._set(train_report.trial, state=TrialState.STOPPED, reason=SPENT)
            self._apply(rule.gone(train_report.trial))
        elif step in rule.rungs:  # an extended study may have moved them
            self._apply(rule.report(train_report.trial, step, points[-1].loss))

    def _rule(self, spec: TrialSpec) -> Scheduler:
        return self._rules.setdefault(spec.training_set, self._make())

    def _apply(self, decisions: Iterable[Decision]) -> None:
        for decision in decisions:
            if self.results[decision.trial].state.ended:
                continue
            if decision.action is Action.STOP:
                self._set(decision.trial, state=TrialState.STOPPED, reason=decision.reason)
            elif decision.action is Action.CONTINUE:
                self._set(decision.trial, audited=decision.audited)

    def _score(self, trial: str, score: Score) -> None:
        if trial == BASE:
            self.base_scores[score.evaluator] = score
            return
        others = [known for known in self.results[trial].scores if known.evaluator != score.evaluator]
        self._set(trial, scores=(*others, score))

    def _set(self, trial: str, **changes: Any) -> None:
        self.results[trial] = replace(self.results[trial], **changes)


def _config(path: Path) -> Mapping[str, Any]:
    try:
        config = yaml.safe_load(path.read_text())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise TornFile(f"{path}: cannot be read ({error}).") from error
    if not isinstance(config, Mapping) or "name" not in config:
        raise TornFile(f"{path}: found no study in it; the search writes the whole study there.")
    return study_with_new_names(config)


def _rule_and_questions(
    config: Mapping[str, Any], folder: Path, front: Sequence[str]
) -> tuple[Callable[[], Scheduler], Mapping[str, Any]]:
    try:
        early_stop = EarlyStopConfig.model_validate(config["early_stop"])
        training = TrainingConfig.model_validate(config["training"])
        evaluate = EvaluateConfig.model_validate(config["evaluate"])
        seed = config["search"]["seed"]
        make = partial(
            make_scheduler,
            early_stop,
            max_steps=training.max_steps,
            validate_every=training.validate_every,
            seed=seed,
        )
        return make, questions(evaluate, seed, front)
    except (KeyError, TypeError, ValidationError) as error:
        raise TornFile(f"{folder / 'resolved.yaml'}: {error}") from error


def _progress(path: Path) -> Progress | None:
    if not path.exists():
        return None
    try:
        return decode(Progress, with_new_names(json.loads(path.read_text())))
    except ValueError as error:  # pydantic's errors are such too
        raise TornFile(f"{path}: is no progress of a search ({error}).") from error
