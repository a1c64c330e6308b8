"""The layers without which a method cannot be put on a model, and what is said where they are missing."""

from collections.abc import Sequence

from torch import nn

from astraios_ray.errors import ConfigError
from astraios_ray.linear_layers import weights_outside
from astraios_ray.methods.method import METHODS, build
from astraios_ray.records import TARGET_FIELDS, TargetModules


def require_layers(method: str, needs: Sequence[str], base: nn.Module, target_modules: TargetModules) -> None:
    """Raise ConfigError where ``base`` has no layer of one of the fields that ``method`` ``needs``.

    The sentence says what the model has, and which methods work on it.
    """
    missing = _missing(needs, target_modules)
    if not missing:
        return
    layers = {
        field: getattr(target_modules, field) for field in TARGET_FIELDS if getattr(target_modules, field)
    }
    others = weights_outside(base, [ending for endings in layers.values() for ending in endings])
    parts = [f"{field} ({', '.join(endings)})" for field, endings in layers.items()]
    parts += [f"other weights ({', '.join(others)})"] if others else []
    raise ConfigError(
        f"Method {method!r} adapts linear layers of {' and '.join(missing)}; found none in the blocks of "
        f"{type(base).__name__}, which have {', '.join(parts) or 'no weights'}. Methods that work on it: "
        f"{', '.join(working(target_modules))}. Where such layers have other names, give "
        f"model.target_modules with {', '.join(TARGET_FIELDS)}: the endings of the names."
    )


def working(target_modules: TargetModules) -> list[str]:
    """The methods of this package that miss no layer at their defaults."""
    needs = {name: getattr(build(name, {}), "needs", None) for name in METHODS}
    return [
        name for name, fields in needs.items() if fields is not None and not _missing(fields, target_modules)
    ]


def _missing(needs: Sequence[str], target_modules: TargetModules) -> list[str]:
    return [field for field in needs if not getattr(target_modules, field)]
