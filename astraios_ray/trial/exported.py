"""Loading a folder that ``astraios-ray export`` wrote, whatever its method."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

from torch import nn

from astraios_ray.errors import ConfigError, TornFile
from astraios_ray.methods.method import load_tuned, traits_of
from astraios_ray.models.load_base import load_base
from astraios_ray.records import TrialSpec
from astraios_ray.records.old_names import REPEATS_FROM, with_new_names, with_repeat_of
from astraios_ray.training.pretrain import builtin_model
from astraios_ray.trial.spec_reader import spec_of
from astraios_ray.trial.trained_contents import compare_base

SPEC_FILE = "spec.json"


def load_exported(
    folder: Path | str, device: str = "cpu", *, despite_changes: bool = False
) -> tuple[nn.Module, Any]:
    """The tuned model of an exported adapter, in eval mode, and its base's tokenizer.

    The base is loaded as in the study: same revision, dtype and quantisation. Raises TornFile, ConfigError,
    and StudyChanged when the base has other contents than in the study, without ``despite_changes``.
    An exported model that is whole (full, or merged) is loaded by transformers alone.
    """
    folder = Path(folder)
    spec = read_spec(folder)
    compare_base(folder, spec.model, despite_changes=despite_changes)
    base = load_base(spec.model, device, builtin=builtin_model)
    shares = traits_of(spec.method, spec.hyperparameters).shares_base
    tuned = load_tuned(base.model if shares else deepcopy(base.model), base.target_modules, folder)
    tuned.attach()
    return tuned.model.eval(), base.tokenizer


def read_spec(folder: Path) -> TrialSpec:
    """The trial that an exported folder came from. Raises TornFile."""
    path = folder / SPEC_FILE
    if not path.exists():
        raise ConfigError(f"{folder}: is no exported trial, which has a file {SPEC_FILE}.")
    try:
        values = with_new_names(json.loads(path.read_text()))
        if values["number"] >= REPEATS_FROM:  # of a version that wrote no repeat_of, else it is kept
            values = with_repeat_of(values)
        return spec_of(values)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TornFile(f"{path}: no readable description of a trial ({error}).") from error
