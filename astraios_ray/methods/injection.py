"""Replacing layers of a base for a while, and drawing their first values from a seed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from torch import nn

from astraios_ray.methods.changes import LayerUpdate
from astraios_ray.methods.rng_state import restore, seed_all, states


@dataclass(frozen=True)
class LayerReplacement:
    """One place of the base where a method puts its own layer in front of the original."""

    parent: nn.Module
    name: str
    original: nn.Module
    replacement: nn.Module
    change: LayerUpdate | None = None  # what the replacement does beside the original; None: not known


def unknown(layer: Any) -> LayerUpdate | None:
    """Nothing that we can say, whatever the layer."""
    return None


@contextmanager
def injecting(
    base: nn.Module, change: Callable[[Any], LayerUpdate | None] = unknown
) -> Iterator[list[LayerReplacement]]:
    """Inside, layers of ``base`` may be replaced. Afterwards they are back, and the list says which.

    ``change`` says what a new layer does. The base is whole again also when the body raises.
    """
    refuse_if_attached(base)
    edges = [
        (m, name, child) for m in base.modules() for name, child in m._modules.items() if child is not None
    ]
    swaps: list[LayerReplacement] = []
    try:
        yield swaps
    finally:
        for parent, name, child in edges:
            now = parent._modules.get(name)
            if now is not None and now is not child:
                swaps.append(LayerReplacement(parent, name, child, now, change(now)))
                setattr(parent, name, child)


def refuse_if_attached(base: nn.Module) -> None:
    """Raise RuntimeError when a method's layer is in ``base``."""
    for name, module in base.named_modules():
        if "base_layer" in module._modules:  # so peft calls the original in its layers, and so do we
            raise RuntimeError(f"{name}: a TunedModel is attached to this base. Detach it first.")


@contextmanager
def seeded(base: nn.Module, seed: int) -> Iterator[None]:
    """Inside, torch draws from ``seed``; afterwards its generators are as before."""
    device = next(base.parameters()).device
    before = states(device)
    seed_all(device, seed)
    try:
        yield
    finally:
        restore(device, before)
