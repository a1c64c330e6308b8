"""Checkpoints that are either whole or not there: written aside, hashed, renamed, verified on load."""

import errno
import json
import os
import shutil
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psutil

from astraios_ray.errors import TornFile
from astraios_ray.models.digests import read_digest
from astraios_ray.records import Checkpoint, TrialSpec, encode
from astraios_ray.records.digest import digest

MANIFEST = "manifest.json"
PUBLISHING = 5  # attempts, against a twin that writes the same checkpoint
KEPT = 2  # checkpoints of one trial


def write_checkpoint(
    trial_folder: Path, step: int, facts: Mapping[str, Any], fill: Callable[[Path], None]
) -> Checkpoint:
    """Let ``fill`` write files into a new checkpoint of ``step``, then publish it under its name.

    ``facts`` go into the manifest beside the sha256 of every file. Older checkpoints than the newest
    two are removed. A process killed at any moment leaves at most a folder whose name begins with a dot,
    which the next one removes.
    """
    aside = trial_folder / f".checkpoint-{step}.{socket.gethostname()}.{os.getpid()}"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    place = trial_folder / f"checkpoint-{step}"
    try:
        fill(aside)
        content = {"step": step, "facts": dict(facts), "sha256": _hashes(aside)}
        (aside / MANIFEST).write_text(json.dumps({**content, "own_sha256": digest(content)}, indent=1))
        _publish(aside, place, facts.get("spec"))
    except Exception:
        shutil.rmtree(aside, ignore_errors=True)  # a full disk has room again for the journal
        raise
    _forget_old(trial_folder)
    _forget_unfinished(trial_folder)
    return Checkpoint(str(place), step)


def read_checkpoint(checkpoint: Checkpoint) -> dict[str, Any]:
    """The facts of a checkpoint. TornFile names the first file that is not as it was written."""
    folder = Path(checkpoint.folder)
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        own, found = manifest.pop("own_sha256"), _hashes(folder)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise TornFile(f"{folder / MANIFEST}: no readable checkpoint ({error}).") from error
    if own != digest(manifest):
        raise TornFile(f"{folder / MANIFEST}: it is not as it was written.")
    for name, expected in manifest["sha256"].items():
        if found.get(name) != expected:
            raise TornFile(f"{folder / name}: its sha256 is {found.get(name)}, the manifest says {expected}.")
    return dict(manifest["facts"])


def newest_checkpoint(
    trial_folder: Path, until: int, spec: str | None = None
) -> tuple[Checkpoint, dict[str, Any]] | None:
    """The newest checkpoint at or before step ``until`` that is whole, and its facts.

    Torn ones are passed over; with ``spec``, a ``fingerprint``, also those of another trial, since a folder
    may be left from another study.
    """
    for checkpoint in _checkpoints(trial_folder):
        if checkpoint.step > until:
            continue
        try:
            facts = read_checkpoint(checkpoint)
        except TornFile:
            continue
        if spec is None or facts.get("spec") == spec:
            return checkpoint, facts
    return None


def fingerprint(spec: TrialSpec) -> str:
    """64 hexadecimal digits over everything that decides what a trial is.

    They are over the names of version 0.1, so that its checkpoints are known.
    """
    values = encode(spec)
    values["model"]["places"] = values["model"].pop("target_modules")
    return digest(values)


def folder_bytes(folder: Path) -> int:
    """The size of all files below ``folder``."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _checkpoints(trial_folder: Path) -> list[Checkpoint]:
    """Newest first."""
    names = [p.name.removeprefix("checkpoint-") for p in trial_folder.glob("checkpoint-*")]
    steps = [int(name) for name in names if name.isdecimal()]
    return [
        Checkpoint(str(trial_folder / f"checkpoint-{step}"), step) for step in sorted(steps, reverse=True)
    ]


def _publish(aside: Path, place: Path, spec: str | None) -> None:
    """Put ``aside`` in the place of whatever is there.

    A worker of a search that was killed lives on for some seconds and may write the very same checkpoint:
    the first wins, so that nobody who reads it finds it gone.
    """
    for _ in range(PUBLISHING):
        if spec is not None and _spec_of(place) == spec:
            shutil.rmtree(aside)
            return
        shutil.rmtree(place, ignore_errors=True)
        try:
            aside.rename(place)
            return
        except OSError as error:
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise
    raise TornFile(f"{place}: another process keeps writing it.")


def _spec_of(place: Path) -> str | None:
    """The fingerprint in a whole checkpoint; None where there is none."""
    try:
        spec: str | None = read_checkpoint(Checkpoint(str(place), 0)).get("spec")
    except TornFile:
        return None
    return spec


def _forget_unfinished(trial_folder: Path) -> None:
    """Remove what killed processes of this machine left."""
    for path in trial_folder.glob(f".checkpoint-*.{socket.gethostname()}.*"):
        if not psutil.pid_exists(int(path.name.rpartition(".")[2])):
            shutil.rmtree(path, ignore_errors=True)


def _forget_old(trial_folder: Path) -> None:
    for checkpoint in _checkpoints(trial_folder)[KEPT:]:
        shutil.rmtree(checkpoint.folder, ignore_errors=True)


def _hashes(folder: Path) -> dict[str, str]:
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != MANIFEST)
    return {str(p.relative_to(folder)): read_digest(p) for p in files}
