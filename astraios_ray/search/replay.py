"""The one replay of a journal: a search goes on from it, and status and report read a run folder with it.

Reading takes no lock and writes nothing.
"""

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self

from pydantic import ValidationError

from astraios_ray.config.study import (
    EarlyStopConfig,
    EvaluateConfig,
    SearchConfig,
    StudyConfig,
    TrainingConfig,
)
from astraios_ray.errors import TornFile
from astraios_ray.records import Provenance, Score, StudyRecord, decode
from astraios_ray.records.old_names import recorded_study, with_new_names
from astraios_ray.search.eval_protocol import PROMPTS_BEGIN, answers, questions
from astraios_ray.search.folder import NOTHING
from astraios_ray.search.journal import BASE, WAY_ON, read_journal
from astraios_ray.search.progress import Progress
from astraios_ray.search.recorded_study import JOURNAL, STUDY, TRIALS, RecordedStudy
from astraios_ray.search.schedulers import make_scheduler
from astraios_ray.search.trial_board import Trials

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class ReplayedStudy:
    """A study as its journal tells it. ``progress`` is what its search process last wrote, if it did."""

    record: StudyRecord
    rungs: tuple[int, ...]
    sessions: int
    progress: Progress | None


class Replay:
    """The records of a journal, taken in one after the other."""

    def __init__(
        self,
        early_stop: EarlyStopConfig,
        training: TrainingConfig,
        evaluate: EvaluateConfig,
        seed: int,
        *,
        within_methods: bool,
        front: Sequence[str],
        contents: Mapping[str, Any],
    ) -> None:
        """``within_methods``: trials compete with others of their method alone; ``front``: special tokens
        before prompts; ``contents``: digests of the evaluators, by task.
        """
        self.trials = Trials(
            partial(make_scheduler, early_stop, training=training, seed=seed, within_methods=within_methods)
        )
        self.protocol = questions(evaluate, seed, front)
        self.base_scores: dict[str, Score] = {}  # of the untuned model, by evaluator
        self.provenance = Provenance({}, "", "")
        self.seconds, self.sessions, self.complete = 0.0, 0, False
        self._contents = contents

    @classmethod
    def of(
        cls, study: StudyConfig, *, front: Sequence[str] = (), contents: Mapping[str, Any] = NOTHING
    ) -> Self:
        """A replay for ``study``."""
        sections = study.early_stop, study.training, study.evaluate
        within_methods = study.search.within_methods
        return cls(
            *sections, study.search.seed, within_methods=within_methods, front=front, contents=contents
        )

    def take_in(self, record: Mapping[str, Any]) -> None:
        """Take in the next record."""
        self.trials.take_in(record)
        match record["kind"]:
            case "scored" if answers(record, self.protocol, self._contents):
                self._scored(record["trial"], decode(Score, record["score"]))
            case "session":
                self.sessions += 1
                self.provenance = decode(Provenance, record["provenance"])
        self.seconds = max(self.seconds, record.get("seconds", 0.0))  # a killed session has no "closed"
        if record["kind"] != "closed":
            self.complete = record["kind"] == "done"

    def take_in_all(self, records: Iterable[Mapping[str, Any]], journal: Path) -> None:
        """Take in the ``records`` of a file. Raises TornFile for one that does not follow from the others."""
        for number, record in enumerate(records, start=1):
            try:
                self.take_in(_with_folder_here(record, journal.parent))
            except (KeyError, TypeError, ValueError) as error:  # pydantic's errors are such too
                raise TornFile(
                    f"{journal}: record {number} ({record['kind']}) does not follow from those before it: "
                    f"{type(error).__name__}: {error}. {WAY_ON}",
                    arguments=["fresh"],
                ) from error

    def _scored(self, trial: str, score: Score) -> None:
        if trial == BASE:
            self.base_scores[score.evaluator] = score
        else:
            self.trials.scored(trial, score)


def _with_folder_here(record: Mapping[str, Any], place: Path) -> Mapping[str, Any]:
    """The record with its checkpoint in the run folder ``place``, which may have been moved since."""
    report = record.get("train_report") or {}
    if not report.get("checkpoint"):
        return record
    folder = Path(report["checkpoint"]["folder"])
    if folder.parts[-3:-1] != (TRIALS, report["trial"]):
        return record
    base = place.absolute() if folder.is_absolute() else place
    checkpoint = {**report["checkpoint"], "folder": str(base.joinpath(*folder.parts[-3:]))}
    return {**record, "train_report": {**report, "checkpoint": checkpoint}}


def replay_folder(folder: Path) -> ReplayedStudy:
    """What the journal and ``status.json`` of a run folder say.

    Raises TornFile when the journal is damaged. A damaged ``status.json`` is only told. Imports nothing
    that trains.
    """
    records, progress = list(read_journal(folder / JOURNAL)), _progress(folder / "status.json")
    sessions = [record for record in records if record["kind"] == "session"]
    recorded = RecordedStudy(folder, sessions[-1] if sessions else {})
    config, front = _config(recorded), recorded.session.get(PROMPTS_BEGIN, ())
    replay = _replay_of(config, recorded, front)
    replay.take_in_all(records, folder / JOURNAL)
    study = StudyRecord(
        name=str(config["name"]),
        folder=str(folder),
        config=config,
        results=replay.trials.results,
        base_scores=tuple(replay.base_scores.values()),
        provenance=replay.provenance,
        seconds=max(replay.seconds, progress.seconds if progress else 0.0),
        complete=replay.complete,
        prompt_front=tuple(front) if sessions else None,
    )
    return ReplayedStudy(study, replay.trials.rungs, replay.sessions, progress)


def _config(recorded: RecordedStudy) -> Mapping[str, Any]:
    config = recorded.study
    if "name" not in config:
        raise TornFile(
            f"{recorded.place / STUDY}: found no study in it; the search writes the whole study there."
        )
    return recorded_study(config)


def _replay_of(config: Mapping[str, Any], recorded: RecordedStudy, front: Sequence[str]) -> Replay:
    """A replay for a study of plain values. Raises TornFile."""
    try:
        return Replay(
            EarlyStopConfig.model_validate(config["early_stop"]),
            TrainingConfig.model_validate(config["training"]),
            EvaluateConfig.model_validate(config["evaluate"]),
            config["search"]["seed"],
            within_methods=SearchConfig(sampler=config["search"]["sampler"]).within_methods,
            front=front,
            contents=recorded.contents.get("evaluate", {}),
        )
    except (KeyError, TypeError, ValidationError) as error:
        raise TornFile(f"{recorded.place / STUDY}: {error}") from error


def _progress(path: Path) -> Progress | None:
    if not path.exists():
        return None
    try:
        return decode(Progress, with_new_names(json.loads(path.read_text())))
    except ValueError as error:  # pydantic's errors are such too
        LOG.warning("%s is damaged, so a running search's progress is not shown (%s).", path, error)
        return None
