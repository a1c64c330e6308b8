"""Write one trial of a study as a folder that others can load."""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import AutoTokenizer
from transformers.utils import logging

from astraios_ray.errors import ConfigError
from astraios_ray.methods.method import load_tuned
from astraios_ray.models.load_base import auto_class, load_base, model_config
from astraios_ray.models.model_source import Source, find_source
from astraios_ray.records import Checkpoint, StudyRecord, TrainTask, TrialResult, TrialSpec, encode
from astraios_ray.report.analysis.leaderboard import leaderboard
from astraios_ray.search.recorded_study import TRIALS, read_contents
from astraios_ray.search.replay import replay_folder
from astraios_ray.studies.find_trial import find_trial
from astraios_ray.studies.model_card import Form, ModelCard
from astraios_ray.studies.run import Run
from astraios_ray.studies.run_again import compare_with_record
from astraios_ray.studies.run_folders import find_run
from astraios_ray.studies.torch_device import usable_device
from astraios_ray.training.checkpoints import MANIFEST, is_whole
from astraios_ray.training.pretrain import builtin_model
from astraios_ray.training.runtime import SingleProcess
from astraios_ray.training.trial_trainer import ADAPTER
from astraios_ray.trial.contents import contents_of_model
from astraios_ray.trial.exported import SPEC_FILE
from astraios_ray.trial.trained_contents import compare_contents, write_base
from astraios_ray.trial.worker import Worker

PEFT_CONFIG = "adapter_config.json"


@dataclass(frozen=True)
class ExportRequest:
    """Which trial to write, how, and where. ``force`` replaces an earlier export.

    ``despite_changes``: also when the base is no longer the one that the trial was trained on.
    """

    record: StudyRecord
    result: TrialResult
    to: Path
    merge: bool = False
    force: bool = False
    despite_changes: bool = False


@dataclass(frozen=True)
class ExportResult:
    """What an export wrote, and how to load it."""

    trial: str
    label: str
    method: str
    step: int
    form: Form
    folder: Path
    files: tuple[str, ...]
    snippet: str

    def document(self) -> dict[str, Any]:
        """The fields as plain values."""
        return {**vars(self), "form": self.form.value, "folder": str(self.folder), "files": list(self.files)}


def export(
    run: Run | Path | str,
    trial: str | None = None,
    *,
    to: Path | str | None = None,
    merge: bool = False,
    force: bool = False,
    despite_changes: bool = False,
) -> ExportResult:
    """Write a trial into a folder, with a README.md that says how to load it.

    ``trial`` is an id, a label, or a method's name for its best trial; by default it is the leaderboard's
    first. ``to`` is export/<trial> in the run folder by default. ``merge`` folds the adapter into the base,
    ``force`` replaces an earlier export; ``despite_changes`` exports although the base has other contents
    than in the study. Raises what ``write_export`` raises.
    """
    folder = find_run(str(run))
    record = replay_folder(folder).record
    result = choose(record, trial)
    folds = merge and not result.spec.traits.trains_whole_model
    name = f"{result.spec.id}-merged" if folds else result.spec.id
    target = Path(to) if to else folder / "export" / name
    with _no_progress_bars():
        return write_export(ExportRequest(record, result, target, merge, force, despite_changes))


@contextmanager
def _no_progress_bars() -> Iterator[None]:
    """Inside, transformers shows no bar: its files are read and written in a moment."""
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def choose(record: StudyRecord, name: str | None) -> TrialResult:
    """The trial with the id or label ``name``, the best of the method ``name``, or the very first.

    Raises ConfigError when there is none, or when it left no checkpoint.
    """
    if name is None:
        exportable = [row.trial for row in leaderboard(record).ranked if row.result.checkpoint]
        if not exportable:
            raise ConfigError(f"{record.folder}: no trial has a checkpoint and a finite loss yet.")
        return find_trial(record, exportable[0])
    result = find_trial(record, name)
    if result.checkpoint is None:
        why = f": {result.reason}" if result.reason else ""
        raise ConfigError(f"{result.spec.id} left no checkpoint; it is {result.state.value}{why}")
    return result


def write_export(request: ExportRequest) -> ExportResult:
    """Write the trial into a folder beside the target, and move that into place.

    Raises ConfigError when the method cannot be merged or the target is in use, StudyChanged when the base
    is another than in the study, TornFile when the checkpoint is damaged and training gives another one.
    """
    _refuse_taken(request)
    contents = _compared_contents(request)
    checkpoint = _whole_checkpoint(request)
    spec, adapter = request.result.spec, Path(checkpoint.folder) / ADAPTER
    source = find_source(spec.model, builtin_model)
    staging = request.to.with_name(f".{request.to.name}.{os.getpid()}")
    staging.mkdir(parents=True)
    try:
        form = _fill(staging, adapter, request, source)
        loader = auto_class(model_config(spec.model)).__name__
        card = ModelCard(request.record, request.result, checkpoint.step, form, source, request.to, loader)
        (staging / SPEC_FILE).write_text(json.dumps(encode(spec), indent=1) + "\n")
        write_base(staging, contents)
        (staging / "README.md").write_text(card.text())
        _move(staging, request.to)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    files = sorted(str(path.relative_to(request.to)) for path in request.to.rglob("*") if path.is_file())
    return ExportResult(
        spec.id, spec.label, spec.method, checkpoint.step, form, request.to, tuple(files), card.snippet()
    )


def _refuse_taken(request: ExportRequest) -> None:
    to = request.to
    if to.is_dir() and not any(to.iterdir()):
        return
    if to.is_dir() and request.force and (to / SPEC_FILE).is_file():
        return
    if to.exists() and request.force:
        raise ConfigError(
            f"{to}: is no earlier export, so `force` does not replace it. Choose another `to`.",
            arguments=["force", "to"],
        )
    if to.exists():
        raise ConfigError(
            f"{to}: is there already. Choose another `to`, or replace an export with `force`.",
            arguments=["to", "force"],
        )


def _whole_checkpoint(request: ExportRequest) -> Checkpoint:
    """The trial's checkpoint; where it is damaged or missing, the trial is first trained up to it again."""
    record, result, checkpoint = request.record, request.result, request.result.checkpoint
    assert checkpoint
    if is_whole(checkpoint, result.spec):
        return checkpoint
    compare_with_record(record, result, scored=False, despite_changes=request.despite_changes)
    worker = Worker(Path(record.folder) / TRIALS, SingleProcess(usable_device(None)))
    return worker.whole_checkpoint(TrainTask(result.spec, checkpoint.step, checkpoint, result.points))


def _compared_contents(request: ExportRequest) -> Mapping[str, Any]:
    """The contents of the study, after the base was compared with them."""
    place = Path(request.record.folder)
    contents, now = read_contents(place), {"model": contents_of_model(request.result.spec.model)}
    compare_contents(place, contents, now, despite_changes=request.despite_changes)
    return contents


def _fill(staging: Path, adapter: Path, request: ExportRequest, source: Source) -> Form:
    spec = request.result.spec
    if spec.traits.trains_whole_model:
        _copy(adapter, staging)
        _rewrite(staging / "config.json", {"use_cache": True})  # the search saves it as false
        _tokenizer(source).save_pretrained(staging)
        return Form.WHOLE
    if request.merge:
        _merge(spec, adapter, staging)
        return Form.WHOLE
    _copy(adapter, staging)
    if not (staging / PEFT_CONFIG).exists():
        return Form.OURS
    revision = None if source.folder else source.revision
    _rewrite(staging / PEFT_CONFIG, {"base_model_name_or_path": source.name, "revision": revision})
    return Form.PEFT


def _merge(spec: TrialSpec, adapter: Path, staging: Path) -> None:
    base = load_base(spec.model, builtin=builtin_model)
    merged: Any = load_tuned(base.model, base.target_modules, adapter).merge()
    if merged is None:
        raise ConfigError(
            f"`merge`: {_why_not(spec)}. Export the adapter instead, without `merge`.", arguments=["merge"]
        )
    merged.config.use_cache = True
    merged.save_pretrained(staging)
    base.tokenizer.save_pretrained(staging)


def _why_not(spec: TrialSpec) -> str:
    if not spec.traits.merges:
        return f"{spec.method} {spec.traits.why_not_merged}"
    if spec.model.quantization != "none":
        return f"the base is {spec.model.quantization}, and folding into rounded weights would round again"
    return f"peft cannot fold {spec.method} into the base"


def _tokenizer(source: Source) -> Any:
    return AutoTokenizer.from_pretrained(
        source.name, revision=source.revision or "main", use_fast=True, trust_remote_code=False
    )


def _copy(adapter: Path, staging: Path) -> None:
    shutil.copytree(adapter, staging, dirs_exist_ok=True, ignore=shutil.ignore_patterns(MANIFEST))


def _rewrite(path: Path, values: Mapping[str, Any]) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}, indent=2) + "\n")


def _move(staging: Path, to: Path) -> None:
    old = to.with_name(f".{to.name}.{os.getpid()}.old")
    if to.exists():
        to.rename(old)
    staging.rename(to)
    shutil.rmtree(old, ignore_errors=True)
