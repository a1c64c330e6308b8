"""The base models that are built in, and the architectures whose target modules are fixed."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from astraios_ray.records import TargetModules


@dataclass(frozen=True)
class BuiltinModel:
    """One embedded model with its shape."""

    id: str
    parameters: int
    width: int
    layers: int
    heads: int


@dataclass(frozen=True)
class BaseModels:
    """The embedded models, and the architectures whose target modules are not read from a model."""

    builtin: tuple[BuiltinModel, ...]
    architectures: Mapping[str, TargetModules]

    def document(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "builtin": [vars(model) for model in self.builtin],
            "architectures": [asdict(target_modules) for target_modules in self.architectures.values()],
        }


def list_models() -> BaseModels:
    """The models that need no download, and the architectures whose target modules are fixed."""
    from astraios_ray.models.load_base import empty_from  # imports torch
    from astraios_ray.models.nano import SHAPES, nano_config
    from astraios_ray.models.target_modules import PINNED

    builtin = []
    for name, (width, layers, heads) in SHAPES.items():
        parameters = sum(p.numel() for p in empty_from(nano_config(name)).parameters())
        builtin.append(BuiltinModel(f"builtin:{name}", parameters, width, layers, heads))
    return BaseModels(tuple(builtin), PINNED)
