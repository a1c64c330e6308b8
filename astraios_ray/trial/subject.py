"""Loads the model to evaluate: a base, or a base with an adapter from a folder."""

import json
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import peft
from torch import nn

from astraios_ray.data.text_tokens import front_of
from astraios_ray.errors import ConfigError
from astraios_ray.methods.prompting import NO_CACHE
from astraios_ray.models.load_base import BUILTIN, load_base, load_tokenizer
from astraios_ray.records import DataRef, ModelRef
from astraios_ray.training.pretrain import builtin_model
from astraios_ray.training.runtime import allow_tf32
from astraios_ray.trial.exported import SPEC_FILE, load_exported, read_spec

PEFT_FILE = "adapter_config.json"


def base_of(ref: ModelRef | None, adapter: Path | None) -> ModelRef:
    """The base model: ``ref``, or the model that an exported ``adapter`` was tuned on.

    Raises ConfigError when neither names a model or when they disagree.
    """
    exported = adapter is not None and (adapter / SPEC_FILE).is_file()
    tuned_on = read_spec(adapter).model if adapter is not None and exported else None
    if ref is None and tuned_on is None:
        raise ConfigError(
            "`model`: is needed; only an adapter that `astraios-ray export` wrote names its own.",
            arguments=["model"],
        )
    if ref is not None and tuned_on is not None and ref.id != tuned_on.id:
        raise ConfigError(
            f"`model`: found {ref.id!r}, but {adapter} was tuned on {tuned_on.id!r}.", arguments=["model"]
        )
    base = tuned_on or ref
    assert base is not None
    return base


def load_subject(
    ref: ModelRef, adapter: Path | None, device: str, *, despite_changes: bool = False
) -> tuple[nn.Module, Any]:
    """The model in eval mode and its tokenizer.

    ``adapter`` is a folder that ``astraios-ray export`` wrote, or one in peft's layout. Raises what
    ``load_exported`` raises.
    """
    allow_tf32(device)
    if adapter is not None and (adapter / SPEC_FILE).is_file():
        return load_exported(adapter, device, despite_changes=despite_changes)
    base = load_base(ref, device, builtin=builtin_model)
    return (base.model if adapter is None else _with_peft(base.model, adapter)), base.tokenizer


def asked_in(adapter: Path | None, template: str | None, system: str | None) -> DataRef:
    """The template in which a model is asked: the one given, else that of an exported adapter's training.

    Raises ConfigError when both are there and differ.
    """
    exported = adapter is not None and (adapter / SPEC_FILE).is_file()
    trained_in = read_spec(adapter).data if adapter is not None and exported else None
    if trained_in is None:
        return DataRef("", template=template or "astraios", system=system)
    if template not in (None, trained_in.template):
        raise ConfigError(
            f"`template`: found {template!r}, but {adapter} was trained in {trained_in.template!r}; leave it "
            "out.",
            arguments=["template"],
        )
    return trained_in if system is None else replace(trained_in, system=system)


def prompt_front(ref: ModelRef) -> list[str]:
    """The special tokens that the tokenizer of ``ref`` puts in front of every prompt.

    Embedded models have none. Raises ConfigError.
    """
    return [] if ref.id.startswith(BUILTIN) else front_of(load_tokenizer(ref))


def _with_peft(model: nn.Module, folder: Path) -> nn.Module:
    path = folder / PEFT_FILE
    if not path.is_file():
        raise ConfigError(
            f"`adapter`: {folder} has neither {SPEC_FILE} nor {PEFT_FILE}.", arguments=["adapter"]
        )
    kind = json.loads(path.read_text()).get("peft_type")
    if kind in NO_CACHE:
        raise ConfigError(
            f"`adapter`: {folder}: {kind} of peft cannot go on from a cache; export it from here.",
            arguments=["adapter"],
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of transformers, to peft
            tuned: nn.Module = peft.PeftModel.from_pretrained(model, str(folder)).eval()
    except (OSError, ValueError, KeyError, RuntimeError) as error:  # from peft, for files that do not fit
        words = " ".join(str(error).split())[:300]
        raise ConfigError(f"`adapter`: {folder}: {words}", arguments=["adapter"]) from error
    return tuned
