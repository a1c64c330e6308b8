"""Run folders as version 0.1 wrote them, made from new ones."""

import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from astraios_ray.records.old_names import KEYS, NEW_FIELDS, STUDY_KEYS, WORDS

OLD_KEYS = {new: old for old, new in KEYS.items()}
OLD_WORDS = {new: old for old, new in WORDS.items()}
# keys of sections that version 0.1 had not
LATER = {**NEW_FIELDS, "training": ("epochs", *NEW_FIELDS["recipe"])}


def age(folder: Path) -> None:
    """Give journal, study and status in a run folder the names of version 0.1."""
    journal, study, status = (folder / name for name in ("journal.jsonl", "resolved.yaml", "status.json"))
    journal.write_bytes(b"".join(_line(with_old_names(record)) for record in _older_records(journal)))
    study.write_text(yaml.safe_dump(study_with_old_names(yaml.safe_load(study.read_text())), sort_keys=False))
    if status.exists():
        status.write_text(json.dumps(with_old_names(json.loads(status.read_text()))))


def forget_contents(folder: Path) -> None:
    """Leave a run folder as versions wrote it that noted no contents."""
    journal = folder / "journal.jsonl"
    journal.write_bytes(b"".join(map(_line, _older_records(journal))))
    (folder / "contents.yaml").unlink()


def with_old_names(value: Any) -> Any:
    """Plain values with the keys, kinds and states of version 0.1, without newer fields."""
    if isinstance(value, Mapping):
        return {
            OLD_KEYS.get(key, key): OLD_WORDS.get(part, part)
            if key in ("kind", "state")
            else with_old_names(part)
            for key, part in without_later_keys(value).items()
            if key not in ("format", "traits", "repeat_of")
        }
    return [with_old_names(part) for part in value] if isinstance(value, list) else value


def study_with_old_names(study: dict[str, Any]) -> dict[str, Any]:
    """The values of a study file with the keys of version 0.1."""
    for (section, old), new in STUDY_KEYS.items():
        inside = study.get(str(section), {})
        if new in inside:
            inside[old] = inside.pop(new)
    return without_later_keys(study)


def without_later_keys(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a study or a trial without the keys that version 0.1 had not."""
    return {
        section: {key: part for key, part in inside.items() if key not in LATER[section]}
        if section in LATER and isinstance(inside, Mapping)
        else inside
        for section, inside in values.items()
    }


def _older_records(journal: Path) -> list[dict[str, Any]]:
    """The records, without the study and the contents that a session records today."""
    records = [json.loads(line.partition(b" ")[2]) for line in journal.read_bytes().splitlines()]
    for record in records:
        if record["kind"] == "session":
            record.pop("study", None)
            record.pop("contents", None)
    return records


def _line(record: Mapping[str, Any]) -> bytes:
    """A line of version 0.1: without its number, and with the checksum of itself alone."""
    body = json.dumps({key: record[key] for key in record if key != "line"}, sort_keys=True).encode()
    return f"{zlib.crc32(body):08x} ".encode() + body + b"\n"
