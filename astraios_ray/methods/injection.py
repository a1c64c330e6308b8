"""Replaces layers of a base for a time, and draws initial values from a seed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from torch import nn

from astraios_ray.methods.layer_updates import LayerUpdate
from astraios_ray.methods.rng_state import restore, seed_all, states


@dataclass(frozen=True)
class LayerReplacement:
    """A method's layer that wraps the original one at one place of the base."""

    parent: nn.Module
    name: str
    original: nn.Module
    layer: nn.Module  # the method's
    update: LayerUpdate | None = None  # of ``layer``; None: it cannot share a pass


def no_update(layer: Any) -> LayerUpdate | None:
    """None: ``layer`` cannot share a pass."""
    return None


@contextmanager
def injecting(
    base: nn.Module, describe: Callable[[Any], LayerUpdate | None] = no_update
) -> Iterator[list[LayerReplacement]]:
    """Inside, layers of ``base`` may be replaced. Afterwards the originals are back and the list is filled.

    ``describe`` gives the update that a new layer makes. The originals come back also when the body raises.
    """
    refuse_if_attached(base)
    edges = [
        (m, name, child) for m in base.modules() for name, child in m._modules.items() if child is not None
    ]
    replacements: list[LayerReplacement] = []
    try:
        yield replacements
    finally:
        for parent, name, child in edges:
            current = parent._modules.get(name)
            if current is not None and current is not child:
                replacements.append(LayerReplacement(parent, name, child, current, describe(current)))
                setattr(parent, name, child)


def refuse_if_attached(base: nn.Module) -> None:
    """Raise RuntimeError when a method's layer is in ``base``."""
    for name, module in base.named_modules():
        if "base_layer" in module._modules:  # the original's name in layers of peft and of this package
            raise RuntimeError(f"{name}: a TunedModel is attached to this base. Detach it first.")


@contextmanager
def seeded(base: nn.Module, seed: int) -> Iterator[None]:
    """Inside, torch draws from ``seed``; afterwards its generators are as before."""
    device = next(base.parameters()).device
    previous = states(device)
    seed_all(device, seed)
    try:
        yield
    finally:
        restore(device, previous)
