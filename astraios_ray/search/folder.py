"""The run folder of a study: what lies where, who may open it, and whether it holds the same study."""

import difflib
import json
import os
import time
from collections.abc import Mapping, Sequence
from itertools import chain, count
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml
from filelock import FileLock, Timeout

from astraios_ray.atomic_file import replace_file
from astraios_ray.errors import AstraiosError, StudyChanged, TornFile
from astraios_ray.records.content_changes import content_changes
from astraios_ray.records.old_names import recorded_study
from astraios_ray.search.journal import WAY_ON
from astraios_ray.search.recorded_study import (
    CONTENTS,
    JOURNAL,
    STUDY,
    TRIALS,
    RecordedStudy,
    read_contents,
)

SAFE_TO_CHANGE = ("lanes", "tracking", "output")  # where and how fast a study runs, not what it finds
EXTENDABLE = ("budget", "evaluate")  # more of the same study
NOTHING: Mapping[str, Any] = MappingProxyType({})
BEHIND = "was begun with other files or rows than those that lie behind the same names now"


class StudyFolder:
    """``runs/<study>/``, private to its owner, held by one process at a time."""

    def __init__(self, place: Path) -> None:
        self.place = place
        place.mkdir(parents=True, exist_ok=True)
        place.chmod(0o700)
        self._lock = FileLock(place / ".lock")
        self._contents: dict[str, Any] | None = None  # of the adopted study

    @property
    def journal(self) -> Path:
        """The append-only record of everything that happened."""
        return self.place / JOURNAL

    @property
    def trials(self) -> Path:
        """One folder a trial, with its checkpoints."""
        return self.place / TRIALS

    @property
    def report(self) -> Path:
        """Where the report is written."""
        return self.place / "report"

    @property
    def contents(self) -> dict[str, Any]:
        """Digests of what the study's values name, by its sections; nothing in folders of older versions."""
        return read_contents(self.place) if self._contents is None else self._contents

    def note(self, contents: Mapping[str, Any]) -> None:
        """Write down more ``contents``, which were not there when the study was adopted."""
        self._contents = {**self.contents, **contents}
        replace_file(self.place / CONTENTS, yaml.safe_dump(self._contents))

    def hold(self) -> None:
        """Keep other searches out until this process ends. Refuses, naming the holder, when one is in."""
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            owner = self.place / ".owner"
            who = owner.read_text(errors="replace") if owner.exists() else "another process"
            raise AstraiosError(
                f"{self.place} is in use by {who}. Wait for it, stop it, or give the study another `name` or "
                "`output`."
            ) from None
        (self.place / ".owner").write_text(f"process {os.getpid()} on {os.uname().nodename}")

    def free(self) -> None:
        """Let others in."""
        self._lock.release()

    def adopt(
        self, resolved: Mapping[str, Any], contents: Mapping[str, Any] = NOTHING, *, extend: bool
    ) -> None:
        """Write the resolved study down, or compare it with the one that is there.

        ``contents`` are digests of what the study's values name (models, rows, evaluators), by its sections;
        a section that only one side has is not compared. Raises StudyChanged with a diff when a value or a
        content that decides results differs; with ``extend`` a larger budget or other questions to the models
        are none; TornFile when there is a journal and nothing that says of which study.
        """
        self._refuse_lost_journal()
        ignored = SAFE_TO_CHANGE + (EXTENDABLE if extend else ())
        before: dict[str, Any] = {}
        if self.journal.exists():
            recorded = RecordedStudy.of(self.place)
            adopted, before = recorded_study(recorded.study), recorded.contents
            self._refuse("holds another study of this name", _differences(adopted, resolved, ignored))
            compared = {key: value for key, value in contents.items() if key not in ignored}
            self._refuse(BEHIND, content_changes(before, compared))
            recorded.warn_of_damage()
        replace_file(self.place / STUDY, yaml.safe_dump(dict(resolved), sort_keys=False))
        self._contents = before
        self.note(contents)

    def _refuse_lost_journal(self) -> None:
        """Refuse trained trials that no journal tells of: a search would begin anew and train them again."""
        if self._has_trials and not (self.journal.exists() and self.journal.stat().st_size):
            raise TornFile(
                f"{self.journal} is missing or empty, and {self.trials} holds trained trials. {WAY_ON}",
                arguments=["fresh"],
            )

    @property
    def _has_trials(self) -> bool:
        return self.trials.is_dir() and any(self.trials.iterdir())

    def _refuse(self, what: str, changes: str) -> None:
        if changes:
            raise StudyChanged(
                f"{self.place} {what}:\n{changes}\nUse `fresh` to start anew, another name, or `extend` "
                f"where only {' and '.join(EXTENDABLE)} changed.",
                arguments=["fresh", "extend"],
            )

    def set_aside(self) -> Path | None:
        """Rename an existing study's folder, to start anew. Nothing is deleted; a lock is taken anew."""
        if not (self.journal.exists() or self._has_trials):
            return None
        aside = unused_name(self.place)
        old_lock = self._lock
        self.place.rename(aside)
        self.place.mkdir(mode=0o700)
        self._lock = FileLock(self.place / ".lock")  # the old one went along with its folder
        try:
            if old_lock.is_locked:
                self.hold()
        finally:
            old_lock.release()
        return aside

    def write_status(self, status: Mapping[str, Any]) -> None:
        """Replace ``status.json``, which any other process may read at any time."""
        replace_file(self.place / "status.json", json.dumps(status, indent=1))


def unused_name(place: Path) -> Path:
    """A name beside ``place`` with the time, to rename it to; with a number where that is taken."""
    timed = place.with_name(f"{place.name}.{time.strftime('%Y%m%d-%H%M%S')}")
    numbered = (timed.with_name(f"{timed.name}-{number}") for number in count(2))
    return next(p for p in chain([timed], numbered) if not p.exists())


def _differences(before: Mapping[str, Any], after: Mapping[str, Any], ignored: Sequence[str]) -> str:
    old, new = (
        yaml.safe_dump({k: v for k, v in side.items() if k not in ignored}, sort_keys=True)
        for side in (before, after)
    )
    lines = difflib.unified_diff(
        old.splitlines(), new.splitlines(), "in the folder", "given", n=1, lineterm=""
    )
    return "\n".join(lines)
