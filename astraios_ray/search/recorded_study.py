"""The study that a run folder holds, and the contents of what it names.

The journal's last session has both. ``resolved.yaml`` and ``contents.yaml`` are copies to look at; only in a
folder of an older version, or before a first session, are they the record.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import yaml

from astraios_ray.errors import TornFile
from astraios_ray.search.journal import last_session

LOG = logging.getLogger(__name__)
JOURNAL, STUDY, CONTENTS = "journal.jsonl", "resolved.yaml", "contents.yaml"
TRIALS = "trials"  # the folder that has one folder a trial
KEYS = {STUDY: "study", CONTENTS: "contents"}  # of a session's record


@dataclass(frozen=True)
class RecordedStudy:
    """What a run folder records, by the last ``session`` of its journal; empty where it has none."""

    place: Path
    session: Mapping[str, Any]

    @classmethod
    def of(cls, place: Path) -> Self:
        """What the folder ``place`` records. Reads its whole journal. Raises TornFile."""
        return cls(place, last_session(place / JOURNAL))

    @property
    def study(self) -> dict[str, Any]:
        """The study's values, under the names that they were written with. Raises TornFile."""
        values: dict[str, Any] | None = self.session.get(KEYS[STUDY])
        return _values(self.place / STUDY) if values is None else values

    @property
    def contents(self) -> dict[str, Any]:
        """Digests of what the study's values name, by its sections; nothing where none were noted.

        Raises TornFile.
        """
        values: dict[str, Any] | None = self.session.get(KEYS[CONTENTS])
        if values is None and (self.place / CONTENTS).exists():
            return _values(self.place / CONTENTS)
        return values or {}

    def warn_of_damage(self) -> None:
        """Log each copy that is not what the journal has. The caller writes it anew."""
        for name, key in KEYS.items():
            if key in self.session and not _is_copy(self.place / name, self.session[key]):
                LOG.warning("%s is not what the journal has, and is written anew from it.", self.place / name)


def read_contents(place: Path) -> dict[str, Any]:
    """The contents that the folder ``place`` records. Raises TornFile."""
    return RecordedStudy.of(place).contents


def _is_copy(path: Path, values: dict[str, Any]) -> bool:
    try:
        return _values(path) == values
    except TornFile:
        return False


def _values(path: Path) -> dict[str, Any]:
    """The values in a copy. Raises TornFile."""
    try:
        values = yaml.safe_load(path.read_text())
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise TornFile(f"{path} cannot be read ({error}), and no journal has its values.") from error
    if not isinstance(values, dict):
        raise TornFile(f"{path} holds no keys with values, and no journal has them.")
    return values
