"""The files of a saved method: its name and hyperparameters, and its tensors."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from astraios_ray.errors import ConfigError, TornFile
from astraios_ray.records import Value

METHOD_FILE = "method.json"
TENSOR_FILE = "adapter_model.safetensors"  # peft's own name
FORMAT = 1


@dataclass(frozen=True)
class Origin:
    """What a TunedModel was made from: enough to make it again on the same base."""

    method: str
    hyperparameters: Mapping[str, Value]
    seed: int


def write_origin(folder: Path, origin: Origin) -> None:
    """Write ``origin`` into ``folder``."""
    about = {"format": FORMAT, **asdict(origin)}
    (folder / METHOD_FILE).write_text(json.dumps(about, indent=1) + "\n")


def read_origin(folder: Path) -> Origin:
    """The Origin of a saved TunedModel. Raises TornFile or ConfigError."""
    path = folder / METHOD_FILE
    try:
        about: dict[str, Any] = json.loads(path.read_text())
        version = about["format"]
        origin = Origin(about["method"], about["hyperparameters"], about["seed"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TornFile(f"{path}: no readable description of a saved method ({error}).") from error
    if version != FORMAT:
        raise ConfigError(f"{path}: format {version}, this version reads {FORMAT}.")
    return origin


def write_tensors(path: Path, tensors: Mapping[str, torch.Tensor]) -> None:
    """Write ``tensors`` as safetensors."""
    plain = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    save_file(plain, path, metadata={"format": "pt"})


def read_tensors(path: Path) -> dict[str, torch.Tensor]:
    """All tensors of a safetensors file, on the CPU. Raises TornFile."""
    try:
        tensors: dict[str, torch.Tensor] = load_file(path)
    except (OSError, SafetensorError) as error:
        raise TornFile(f"{path}: not a whole safetensors file ({error}).") from error
    return tensors


def copy_tensors(path: Path, live: Mapping[str, torch.Tensor]) -> None:
    """Copy a file's tensors into ``live``, in place. Raises where names or shapes differ."""
    saved = read_tensors(path)
    missing, unknown = sorted(live.keys() - saved.keys()), sorted(saved.keys() - live.keys())
    if missing:
        raise TornFile(f"{path}: {len(missing)} tensors are missing: {_examples(missing)}.")
    if unknown:
        raise ConfigError(
            f"{path}: {len(unknown)} tensors belong to another model or method: {_examples(unknown)}."
        )
    for name, tensor in live.items():
        if saved[name].shape != tensor.shape:
            shape, expected = tuple(saved[name].shape), tuple(tensor.shape)
            raise ConfigError(f"{path}: {name} has the shape {shape}, this model and method need {expected}.")
    for name, tensor in live.items():
        tensor.copy_(saved[name])


def _examples(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
