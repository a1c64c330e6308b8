"""Writing one trial of a study as a folder that others can load."""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import AutoTokenizer

from astraios_ray.errors import ConfigError
from astraios_ray.methods.method import load_tuned
from astraios_ray.models.load_base import load_base
from astraios_ray.models.model_source import Source, find_source
from astraios_ray.records import Checkpoint, StudyRecord, TrialResult, TrialSpec, encode
from astraios_ray.report.analysis.leaderboard import leaderboard
from astraios_ray.studies.find_trial import find_trial
from astraios_ray.studies.model_card import Form, ModelCard
from astraios_ray.training.checkpoints import MANIFEST, read_checkpoint
from astraios_ray.training.pretrain import builtin_model
from astraios_ray.training.trial_trainer import ADAPTER
from astraios_ray.trial.exported import SPEC_FILE

PEFT_CONFIG = "adapter_config.json"
WHOLE = ("full",)  # methods whose checkpoint is a whole model


@dataclass(frozen=True)
class ExportRequest:
    """What is to be written where. ``force``: an earlier export there is replaced."""

    record: StudyRecord
    result: TrialResult
    to: Path
    merge: bool = False
    force: bool = False


@dataclass(frozen=True)
class Written:
    """What was written."""

    trial: str
    label: str
    method: str
    step: int
    form: Form
    folder: Path
    files: tuple[str, ...]
    snippet: str

    def document(self) -> dict[str, Any]:
        """The same as plain values."""
        return {**vars(self), "form": self.form.value, "folder": str(self.folder), "files": list(self.files)}


def choose(record: StudyRecord, wanted: str | None) -> TrialResult:
    """The trial with the id or label ``wanted``, the best of the method ``wanted``, or the very first.

    Raises ConfigError when there is none, or when it left no checkpoint.
    """
    if wanted is None:
        able = [row.trial for row in leaderboard(record).ranked if row.result.checkpoint]
        if not able:
            raise ConfigError(f"{record.folder}: no trial has a checkpoint and a finite loss yet.")
        return find_trial(record, able[0])
    chosen = find_trial(record, wanted)
    if chosen.checkpoint is None:
        why = f": {chosen.reason}" if chosen.reason else ""
        raise ConfigError(f"{chosen.spec.id} left no checkpoint; it is {chosen.state.value}{why}")
    return chosen


def write_export(order: ExportRequest) -> Written:
    """Write the trial's folder, aside first, and move it into place.

    Raises ConfigError when the method cannot be merged or the target is in use, TornFile when the
    checkpoint is not as it was written.
    """
    _refuse_taken(order)
    checkpoint = _checkpoint(order)
    read_checkpoint(checkpoint)
    spec, adapter = order.result.spec, Path(checkpoint.folder) / ADAPTER
    source = find_source(spec.model, builtin_model)
    aside = order.to.with_name(f".{order.to.name}.{os.getpid()}")
    aside.mkdir(parents=True)
    try:
        form = _fill(aside, adapter, order, source)
        card = ModelCard(order.record, order.result, checkpoint.step, form, source, order.to)
        (aside / SPEC_FILE).write_text(json.dumps(encode(spec), indent=1) + "\n")
        (aside / "README.md").write_text(card.text())
        _move(aside, order.to)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    files = sorted(str(path.relative_to(order.to)) for path in order.to.rglob("*") if path.is_file())
    return Written(
        spec.id, spec.label, spec.method, checkpoint.step, form, order.to, tuple(files), card.snippet()
    )


def _refuse_taken(order: ExportRequest) -> None:
    to = order.to
    if to.is_dir() and not any(to.iterdir()):
        return
    if to.is_dir() and order.force and (to / SPEC_FILE).is_file():
        return
    if to.exists() and order.force:
        raise ConfigError(f"{to}: is no earlier export, so --force does not replace it. Choose another --to.")
    if to.exists():
        raise ConfigError(f"{to}: is there already. Choose another --to, or replace an export with --force.")


def _checkpoint(order: ExportRequest) -> Checkpoint:
    """Where the checkpoint lies now: the run folder may have been moved since."""
    assert order.result.checkpoint
    step = order.result.checkpoint.step
    trial = Path(order.record.folder) / "trials" / order.result.spec.id
    return Checkpoint(str(trial / f"checkpoint-{step}"), step)


def _fill(aside: Path, adapter: Path, order: ExportRequest, source: Source) -> Form:
    spec = order.result.spec
    if spec.method in WHOLE:
        _copy(adapter, aside)
        _rewrite(aside / "config.json", {"use_cache": True})  # the search trains and saves without
        _tokenizer(source).save_pretrained(aside)
        return Form.WHOLE
    if order.merge:
        _merge(spec, adapter, aside)
        return Form.WHOLE
    _copy(adapter, aside)
    if not (aside / PEFT_CONFIG).exists():
        return Form.OURS
    revision = None if source.folder else source.revision
    _rewrite(aside / PEFT_CONFIG, {"base_model_name_or_path": source.name, "revision": revision})
    return Form.PEFT


def _merge(spec: TrialSpec, adapter: Path, aside: Path) -> None:
    base = load_base(spec.model, builtin=builtin_model)
    merged: Any = load_tuned(base.model, base.target_modules, adapter).merge()
    if merged is None:
        raise ConfigError(f"--merge: {_why_not(spec)}. Export the adapter instead, without --merge.")
    merged.config.use_cache = True
    merged.save_pretrained(aside)
    base.tokenizer.save_pretrained(aside)


def _why_not(spec: TrialSpec) -> str:
    if spec.method in ("adapter_h", "adapter_p", "parallel"):
        return f"{spec.method} bends what flows through it (tanh), which no weight of the base can do"
    if spec.method in ("p_tuning", "peft:P_TUNING", "peft:PROMPT_TUNING", "peft:PREFIX_TUNING"):
        return f"{spec.method} puts virtual tokens before the input, which are no weights of the base"
    if spec.model.quantization != "none":
        return f"the base is {spec.model.quantization}, and folding into rounded weights would round again"
    return f"peft cannot fold {spec.method} into the base"


def _tokenizer(source: Source) -> Any:
    return AutoTokenizer.from_pretrained(
        source.name, revision=source.revision or "main", use_fast=True, trust_remote_code=False
    )


def _copy(adapter: Path, aside: Path) -> None:
    shutil.copytree(adapter, aside, dirs_exist_ok=True, ignore=shutil.ignore_patterns(MANIFEST))


def _rewrite(path: Path, values: Mapping[str, Any]) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}, indent=2) + "\n")


def _move(aside: Path, to: Path) -> None:
    old = to.with_name(f".{to.name}.{os.getpid()}.old")
    if to.exists():
        to.rename(old)
    aside.rename(to)
    shutil.rmtree(old, ignore_errors=True)
