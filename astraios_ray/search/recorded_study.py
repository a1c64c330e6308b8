"""The study that a run folder holds, and the contents of what it names.

The journal's last session has both. ``resolved.yaml`` and ``contents.yaml`` are copies to look at; only in a
folder of an older version, or before a first session, are they the record.
"""

import logging
from pathlib import Path
from typing import Any

import yaml

from astraios_ray.errors import TornFile
from astraios_ray.search.journal import last_session

LOG = logging.getLogger(__name__)
JOURNAL, STUDY, CONTENTS = "journal.jsonl", "resolved.yaml", "contents.yaml"
TRIALS = "trials"  # the folder that has one folder a trial
KEYS = {STUDY: "study", CONTENTS: "contents"}  # of a session's record


def read_study(place: Path) -> dict[str, Any]:
    """The study's values, under the names that they were written with. Raises TornFile."""
    recorded: dict[str, Any] | None = last_session(place / JOURNAL).get(KEYS[STUDY])
    return _values(place / STUDY) if recorded is None else recorded


def read_contents(place: Path) -> dict[str, Any]:
    """Digests of what the study's values name, by its sections; nothing where none were noted.

    Raises TornFile.
    """
    recorded: dict[str, Any] | None = last_session(place / JOURNAL).get(KEYS[CONTENTS])
    if recorded is None and (place / CONTENTS).exists():
        return _values(place / CONTENTS)
    return recorded or {}


def warn_of_damage(place: Path) -> None:
    """Log each copy that is not what the journal has. The caller writes it anew."""
    session = last_session(place / JOURNAL)
    for name, key in KEYS.items():
        if key in session and not _is_copy(place / name, session[key]):
            LOG.warning("%s is not what the journal has, and is written anew from it.", place / name)


def _is_copy(path: Path, recorded: dict[str, Any]) -> bool:
    try:
        return _values(path) == recorded
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
