"""Checkpoints that are complete or absent: written to a draft, hashed, flushed, renamed, verified on load."""

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
from astraios_ray.models.atomic_folder import flush
from astraios_ray.models.digests import read_digest
from astraios_ray.records import Checkpoint, TrialSpec, encode
from astraios_ray.records.digest import digest
from astraios_ray.records.old_names import without_new_fields

MANIFEST = "manifest.json"
PUBLISHING = 5  # attempts, against another process that writes the same checkpoint
CHECKPOINTS_KEPT = 2  # of one trial, the newest


def write_checkpoint(
    trial_folder: Path, step: int, facts: Mapping[str, Any], fill: Callable[[Path], None]
) -> Checkpoint:
    """Let ``fill`` write files into a new checkpoint of ``step``, then publish it under its name.

    ``facts`` go into the manifest beside the sha256 of every file. The newest two checkpoints
    and this one stay, others are removed. A process killed at any moment leaves at most a folder whose name
    begins with a dot, which the next one removes. All is on the disk when this returns, so a journal may
    name it.
    """
    draft = trial_folder / f".checkpoint-{step}.{socket.gethostname()}.{os.getpid()}"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    final = trial_folder / f"checkpoint-{step}"
    try:
        fill(draft)
        content = {"step": step, "facts": dict(facts), "sha256": _hashes(draft)}
        (draft / MANIFEST).write_text(json.dumps({**content, "own_sha256": digest(content)}, indent=1))
        flush(*draft.rglob("*"), draft)
        _publish(draft, final, facts.get("spec"))
    except Exception:
        shutil.rmtree(draft, ignore_errors=True)  # a full disk has room again for the journal
        raise
    flush(trial_folder)  # which has the new name
    _remove_old(trial_folder, step)
    _remove_drafts(trial_folder)
    return Checkpoint(str(final), step)


def read_checkpoint(checkpoint: Checkpoint) -> dict[str, Any]:
    """The facts of a checkpoint. Raises TornFile with the first file that is not as it was written."""
    folder = Path(checkpoint.folder)
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        manifest_digest, hashes = manifest.pop("own_sha256"), _hashes(folder)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise TornFile(f"{folder / MANIFEST}: no readable checkpoint ({error}).") from error
    if manifest_digest != digest(manifest):
        raise TornFile(f"{folder / MANIFEST}: it is not as it was written.")
    for name, expected in manifest["sha256"].items():
        if hashes.get(name) != expected:
            raise TornFile(
                f"{folder / name}: its sha256 is {hashes.get(name)}, the manifest says {expected}."
            )
    return dict(manifest["facts"])


def newest_checkpoint(
    trial_folder: Path, until: int, spec: str | None = None
) -> tuple[Checkpoint, dict[str, Any]] | None:
    """The newest complete checkpoint at or before step ``until``, and its facts.

    Torn checkpoints are skipped. With ``spec``, a ``fingerprint``, those of other trials are skipped too: the
    folder may be left from another study.
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


def is_whole(checkpoint: Checkpoint, spec: TrialSpec) -> bool:
    """Whether all files of the checkpoint are as they were written, for the trial ``spec``."""
    try:
        return bool(read_checkpoint(checkpoint).get("spec") == fingerprint(spec))
    except TornFile:
        return False


def fingerprint(spec: TrialSpec) -> str:
    """64 hexadecimal digits over everything that defines a trial.

    They are over the names and fields of version 0.1, so that its checkpoints are known: traits follow from
    the rest, and what a trial repeats from its number.
    """
    values = without_new_fields(encode(spec))
    del values["traits"], values["repeat_of"]
    values["model"]["places"] = values["model"].pop("target_modules")
    return digest(values)


def folder_bytes(folder: Path) -> int:
    """The size of all files below ``folder``."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _checkpoints(trial_folder: Path) -> list[Checkpoint]:
    """All checkpoints in the folder, the newest first."""
    names = [p.name.removeprefix("checkpoint-") for p in trial_folder.glob("checkpoint-*")]
    steps = [int(name) for name in names if name.isdecimal()]
    return [
        Checkpoint(str(trial_folder / f"checkpoint-{step}"), step) for step in sorted(steps, reverse=True)
    ]


def _publish(draft: Path, final: Path, spec: str | None) -> None:
    """Rename ``draft`` to ``final`` and replace what is there, except a complete checkpoint of ``spec``.

    The worker of a killed search lives on for some seconds and may write the same checkpoint. The first
    one stays, so that it does not vanish while another process reads it.
    """
    for _ in range(PUBLISHING):
        if spec is not None and _spec_of(final) == spec:
            shutil.rmtree(draft)
            return
        if final.is_symlink() or final.is_file():
            final.unlink()
        shutil.rmtree(final, ignore_errors=True)
        try:
            draft.rename(final)
            return
        except OSError as error:
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise
    raise TornFile(f"{final}: another process keeps writing it.")


def _spec_of(folder: Path) -> str | None:
    """The fingerprint in a complete checkpoint; None where there is no such checkpoint."""
    try:
        spec: str | None = read_checkpoint(Checkpoint(str(folder), 0)).get("spec")
    except TornFile:
        return None
    return spec


def _remove_drafts(trial_folder: Path) -> None:
    """Remove the drafts of killed processes of this machine."""
    for path in trial_folder.glob(f".checkpoint-*.{socket.gethostname()}.*"):
        if not psutil.pid_exists(int(path.name.rpartition(".")[2])):
            shutil.rmtree(path, ignore_errors=True)


def _remove_old(trial_folder: Path, step: int) -> None:
    """Remove all but the newest; that of ``step`` stays, also where it was trained again behind them."""
    for checkpoint in _checkpoints(trial_folder)[CHECKPOINTS_KEPT:]:
        if checkpoint.step != step:
            shutil.rmtree(checkpoint.folder, ignore_errors=True)


def _hashes(folder: Path) -> dict[str, str]:
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != MANIFEST)
    return {str(p.relative_to(folder)): read_digest(p) for p in files}
