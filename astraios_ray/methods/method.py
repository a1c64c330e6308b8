"""The interface of a fine-tuning method, and how a method is made from its name.

A method is a frozen dataclass. Its fields are its hyperparameters, with the paper's defaults, and ``apply``
is all that it does to a model.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import torch
from torch import nn

from astraios_ray.methods.hyperparameters import SINCE_0_2, Field, check, fields_of
from astraios_ray.methods.stored import read_origin
from astraios_ray.methods.tuned import TunedModel
from astraios_ray.plug_ins import PlugIns
from astraios_ray.records import MethodTraits, TargetModules, Value
from astraios_ray.registry import Registry

__all__ = [
    "FAMILIES", "METHODS", "PLUG_INS", "Field", "Method", "MethodFamily", "ReadsWeights", "TunedModel",
    "build", "builder_beside", "count_parameters", "hyperparameters_of", "load_tuned", "outlined",
    "traits_of",
]  # fmt: skip


class Method(Protocol):
    """One way of fine-tuning, with its hyperparameters."""

    @property
    def traits(self) -> MethodTraits:
        """What others must know of it. Unless it shares the base, ``apply`` needs a private copy."""
        ...

    def apply(self, base: nn.Module, target_modules: TargetModules, seed: int) -> TunedModel:
        """Put the method on ``base``, a frozen causal language model. The TunedModel is detached.

        Initial values are drawn from ``seed`` alone; torch's generators are as before.
        Raises ConfigError when the model lacks a target module or the hyperparameters do not fit it.
        """
        ...


@runtime_checkable
class ReadsWeights(Protocol):
    """A method that may need the base's weights as they were before they were rounded."""

    def refuse_quantization(self, quantization: str) -> None:
        """Raise ConfigError where it cannot be trained beside a base rounded to ``quantization``."""
        ...


class MethodFamily(Protocol):
    """Methods that are made from a second name, as in ``peft:VERA``."""

    def fields(self, kind: str) -> Mapping[str, Field]:
        """The hyperparameters of the method ``kind``. Raises UnknownName."""
        ...

    def make(self, kind: str, hyperparameters: Mapping[str, Value]) -> Method:
        """The method ``kind``. The hyperparameters are already checked against its fields."""
        ...


def _flaw(name: str, candidate: object) -> str:
    """Why a plug-in is no method; empty where it is one."""
    if not (isinstance(candidate, type) and is_dataclass(candidate)):
        return f"expected a dataclass, found {candidate!r}"
    lacking = [member for member in ("traits", "apply") if not hasattr(candidate, member)]
    return f"{candidate.__name__} lacks {' and '.join(lacking)}" if lacking else ""


def _is_builtin(name: str) -> bool:
    """Whether a file of this folder has registered the name; a plug-in may have done so too."""
    return name in METHODS and METHODS[name].__module__.startswith(f"{__package__}.")


PLUG_INS: PlugIns[Callable[..., Method]] = PlugIns("method", _flaw, _is_builtin)
METHODS: Registry[Callable[..., Method]] = Registry("method", PLUG_INS)
FAMILIES: Registry[MethodFamily] = Registry("family of methods")


def build(name: str, hyperparameters: Mapping[str, Value]) -> Method:
    """The method called ``name``: one of METHODS, of a plug-in, or ``peft:<TYPE>``.

    Raises UnknownName for the name, ConfigError for a hyperparameter that it does not have, of another
    type, missing, or out of its range.
    """
    check(name, hyperparameters_of(name), hyperparameters)
    family, colon, kind = name.partition(":")
    return FAMILIES[family].make(kind, hyperparameters) if colon else METHODS[name](**hyperparameters)


def builder_beside(quantization: str) -> Callable[[str, Mapping[str, Value]], Method]:
    """``build``, for a base rounded to ``quantization``: it also refuses methods that do not fit that."""

    def build_beside(name: str, hyperparameters: Mapping[str, Value]) -> Method:
        method = build(name, hyperparameters)
        if isinstance(method, ReadsWeights):
            method.refuse_quantization(quantization)
        return method

    return build_beside


def hyperparameters_of(name: str) -> Mapping[str, Field]:
    """The hyperparameters of a method by name. Raises UnknownName."""
    family, colon, kind = name.partition(":")
    return FAMILIES[family].fields(kind) if colon else fields_of(METHODS[name])


def traits_of(name: str, hyperparameters: Mapping[str, Value]) -> MethodTraits:
    """What the method says of itself with these hyperparameters. Raises as ``build`` does."""
    return build(name, hyperparameters).traits


def count_parameters(
    name: str, hyperparameters: Mapping[str, Value], base: nn.Module, target_modules: TargetModules
) -> int:
    """The number of values that the method trains on ``base``, a model on the meta device.

    Nothing is allocated. The base can be used again, except where the method does not share it.
    """
    return outlined(name, hyperparameters, base, target_modules).count


def outlined(
    name: str, hyperparameters: Mapping[str, Value], base: nn.Module, target_modules: TargetModules
) -> TunedModel:
    """The method on ``base``, a model on the meta device: nothing is allocated. See ``count_parameters``."""
    with torch.device("meta"):
        return build(name, hyperparameters).apply(base, target_modules, seed=0)


def load_tuned(base: nn.Module, target_modules: TargetModules, folder: Path) -> TunedModel:
    """The TunedModel that was saved in ``folder``, on ``base``. Detached. Raises TornFile or ConfigError."""
    origin = read_origin(folder)
    tuned = build(origin.method, origin.hyperparameters).apply(base, target_modules, origin.seed)
    tuned.load(folder)
    return tuned


def origin_values(method: Any) -> dict[str, Value]:
    """A method's hyperparameters as plain values.

    A field that version 0.1 did not have is left out at its default, so that folders of 0.1 can be read.
    """
    return {
        field.name: getattr(method, field.name)
        for field in fields(method)
        if not (field.metadata == SINCE_0_2 and getattr(method, field.name) == field.default)
    }
