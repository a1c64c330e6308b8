"""Whether the values of a domain fit the parameter that they are for."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal, Protocol, TypeAlias, get_args, get_origin

from pydantic import ValidationError

from astraios_ray.config.config_problems import near
from astraios_ray.config.explain_errors import mistakes
from astraios_ray.config.study import TrainingConfig
from astraios_ray.records import Value
from astraios_ray.space.domains import Choice, Constant, Domain, Whole, corners, described


class SpaceField(Protocol):
    """One parameter that a study may give: a hyperparameter of a method, or a field of the recipe."""

    @property
    def name(self) -> str:
        """The key in a method's block."""

    @property
    def type(self) -> Any:
        """The plain Python type of its values, a Literal of texts, or a union of these."""

    @property
    def required(self) -> bool:
        """Whether there is no default."""

    def problem(self, value: object) -> str | None:
        """What is wrong with ``value``, or None."""


Fields: TypeAlias = Mapping[str, SpaceField]


class RecipeField:
    """A field of the recipe that a method's block may set, checked as under ``training``."""

    required = False

    def __init__(self, name: str) -> None:
        self.name = name
        self.type: Any = TrainingConfig.model_fields[name].annotation

    def problem(self, value: object) -> str | None:
        """What is wrong with ``value``, or None."""
        try:
            TrainingConfig.model_validate({self.name: value})
        except ValidationError as error:
            return "; ".join(text for _, text in mistakes(error, TrainingConfig))
        return None


RECIPE: Fields = {
    name: RecipeField(name)
    for name in ("learning_rate", "weight_decay", "warmup_steps", "max_grad_norm", "batch_size", "schedule")
}


def misfit(field: SpaceField, domain: Domain) -> str | None:
    """What is wrong with ``domain`` for ``field``, and what would be right; None if it fits."""
    if isinstance(domain, Whole) and is_real(field):
        right = f"min: {float(domain.low)}, max: {float(domain.high)}"
        return f"the range {described(domain)} has only whole numbers; write {right} for real ones"
    for value in corners(domain):
        problem = field.problem(value)
        if problem:
            return problem if "did you mean" in problem else problem + near(value, _choices(field.type))
    return None


def is_real(field: SpaceField) -> bool:
    """Whether the parameter is a real number, so that whole numbers are read as reals."""
    kinds = (field.type, *get_args(field.type))
    return float in kinds and int not in kinds


def _choices(hint: Any) -> list[str]:
    if get_origin(hint) is Literal:
        return [str(choice) for choice in get_args(hint)]
    return [choice for part in get_args(hint) for choice in _choices(part)]


def converted(field: SpaceField, domain: Domain) -> Domain:
    """The domain with whole numbers turned into floats where the parameter is a real number."""
    if is_real(field) and isinstance(domain, Constant):
        return Constant(_as_real(domain.value))
    if is_real(field) and isinstance(domain, Choice):
        return replace(domain, options=tuple(_as_real(option) for option in domain.options))
    return domain


def _as_real(value: Value) -> Value:
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
