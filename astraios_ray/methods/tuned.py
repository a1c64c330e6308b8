"""A base model with one method on it, whose layers can be put in and taken out again."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from astraios_ray.errors import ConfigError, TornFile
from astraios_ray.records import Value

METHOD_FILE = "method.json"
TENSOR_FILE = "adapter_model.safetensors"  # peft's own name
FORMAT = 1


@dataclass(frozen=True)
class Origin:
    """What a Tuned was made from: enough to make it again beside the same base."""

    method: str
    hyperparameters: Mapping[str, Value]
    seed: int


@dataclass(frozen=True)
class Swap:
    """One place of the base where a method puts its own layer in front of the original."""

    parent: nn.Module
    name: str
    original: nn.Module
    replacement: nn.Module


class Tuned(ABC):
    """A base with one method on it. Several live on one base; at most one is attached at a time.

    ``model`` is called like the base. It is the tuned model only between attach and detach. A new Tuned
    is detached. Nothing that it does changes a tensor of a shared base.
    """

    file = TENSOR_FILE

    def __init__(
        self,
        model: nn.Module,
        trainable: Mapping[str, nn.Parameter],
        origin: Origin,
        swaps: Sequence[Swap] = (),
    ) -> None:
        self.model = model
        self.origin = origin
        self._trainable = dict(trainable)
        self._swaps = tuple(swaps)
        self._is_attached = False

    def trainable(self) -> dict[str, nn.Parameter]:
        """What is trained, by names that are the same on every run, in the base's order."""
        return dict(self._trainable)

    def attach(self) -> None:
        """Put the layers into the base, in the training mode of the modules around them. Idempotent.

        Raises RuntimeError when another Tuned is in the way; then nothing is changed.
        """
        if self._is_attached:
            return
        for swap in self._swaps:
            if swap.parent._modules[swap.name] is not swap.original:
                raise RuntimeError(f"{swap.name} of {type(swap.parent).__name__}: another Tuned is attached.")
        for swap in self._swaps:
            setattr(swap.parent, swap.name, swap.replacement)
            if swap.replacement.training != swap.parent.training:
                swap.replacement.train(swap.parent.training)
        self._is_attached = True

    def detach(self) -> None:
        """Put the base's own layers back, in the training mode of the modules around them. Idempotent."""
        if not self._is_attached:
            return
        for swap in self._swaps:
            setattr(swap.parent, swap.name, swap.original)
        self._is_attached = False

    @contextmanager
    def attached(self) -> Iterator[None]:
        """Attached inside; afterwards as it was before."""
        before = self._is_attached
        self.attach()
        try:
            yield
        finally:
            if not before:
                self.detach()

    def save(self, folder: Path) -> None:
        """Write everything that ``load`` needs into ``folder``, which is made."""
        folder.mkdir(parents=True, exist_ok=True)
        with self.attached(), torch.no_grad():
            write_tensors(folder / self.file, self._stored())
            self._save_more(folder)
        about = {
            "format": FORMAT,
            "method": self.origin.method,
            "hyperparameters": dict(self.origin.hyperparameters),
            "seed": self.origin.seed,
        }
        (folder / METHOD_FILE).write_text(json.dumps(about, indent=1) + "\n")

    def load(self, folder: Path) -> None:
        """Take over the values that ``save`` wrote. Raises before anything is changed.

        ConfigError: the folder holds another method or another size. TornFile: a file is missing or
        damaged, or tensors are missing.
        """
        saved = read_origin(folder)
        if (saved.method, saved.hyperparameters) != (self.origin.method, self.origin.hyperparameters):
            raise ConfigError(
                f"{folder}: holds {saved.method} {dict(saved.hyperparameters)}, "
                f"expected {self.origin.method} {dict(self.origin.hyperparameters)}."
            )
        with self.attached(), torch.no_grad():
            copy_tensors(folder / self.file, self._stored())

    def merge(self) -> nn.Module | None:
        """A new plain model with the same logits; None where the method or the base cannot merge.

        The new model shares nothing with the base.
        """
        return None

    @abstractmethod
    def _stored(self) -> dict[str, torch.Tensor]:
        """The live tensors that make up the method, by their names in the file. Called attached."""

    def _save_more(self, folder: Path) -> None:  # noqa: B027 - most have nothing more
        """Write what else belongs beside the tensors. Called attached."""


@contextmanager
def injecting(base: nn.Module) -> Iterator[list[Swap]]:
    """Inside, layers of ``base`` may be replaced. Afterwards they are back, and the list says which.

    The base is whole again also when the body raises.
    """
    refuse_if_attached(base)
    edges = [
        (m, name, child) for m in base.modules() for name, child in m._modules.items() if child is not None
    ]
    swaps: list[Swap] = []
    try:
        yield swaps
    finally:
        for parent, name, child in edges:
            now = parent._modules.get(name)
            if now is not None and now is not child:
                swaps.append(Swap(parent, name, child, now))
                setattr(parent, name, child)


def refuse_if_attached(base: nn.Module) -> None:
    """Raise RuntimeError when a method's layer is in ``base``."""
    for name, module in base.named_modules():
        if "base_layer" in module._modules:  # so peft calls the original in its layers, and so do we
            raise RuntimeError(f"{name}: a Tuned is attached to this base. Detach it first.")


@contextmanager
def seeded(base: nn.Module, seed: int) -> Iterator[None]:
    """Inside, torch draws from ``seed``; afterwards its generators are as before."""
    device = next(base.parameters()).device
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.default_generator.manual_seed(seed)
        if device.type == "cuda":
            with torch.cuda.device(device):
                torch.cuda.manual_seed(seed)
        yield


def read_origin(folder: Path) -> Origin:
    """What a saved Tuned was made from. Raises TornFile."""
    path = folder / METHOD_FILE
    try:
        about: dict[str, Any] = json.loads(path.read_text())
        found = about["format"]
        origin = Origin(about["method"], about["hyperparameters"], about["seed"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TornFile(f"{path}: no readable description of a saved method ({error}).") from error
    if found != FORMAT:
        raise ConfigError(f"{path}: format {found}, this version reads {FORMAT}.")
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
    """Copy a file's tensors into ``live``, in place, when names and shapes are the same."""
    saved = read_tensors(path)
    missing, unknown = sorted(live.keys() - saved.keys()), sorted(saved.keys() - live.keys())
    if missing:
        raise TornFile(f"{path}: {len(missing)} tensors are missing: {_some(missing)}.")
    if unknown:
        raise ConfigError(
            f"{path}: {len(unknown)} tensors belong to another model or method: {_some(unknown)}."
        )
    for name, tensor in live.items():
        if saved[name].shape != tensor.shape:
            found, expected = tuple(saved[name].shape), tuple(tensor.shape)
            raise ConfigError(f"{path}: {name} has the shape {found}, this model and method need {expected}.")
    for name, tensor in live.items():
        tensor.copy_(saved[name])


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
