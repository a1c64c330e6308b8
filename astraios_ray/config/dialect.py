"""How a range of values is written: a constant, a list of values, or min and max."""

import math
import re
from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from astraios_ray.config.config_problems import shown

_NUMBER_AS_TEXT = re.compile(r"([-+]?\d[\d_]*)(\.\d*)?[eE]([-+]?\d+)$")

LARGEST = 10**15  # of a hyperparameter; up to here a float holds every whole number


def wrong(text: str) -> PydanticCustomError:
    """The error that a validator raises; ``text`` says what was found and what would be right."""
    return PydanticCustomError("wrong", "{text}", {"text": text})


def number_as_text(value: object, *, whole: bool = False) -> str | None:
    """The mistake in text that was meant as a number, such as ``1e-4``; None for anything else.

    ``whole``: a whole number is wanted.
    """
    if isinstance(value, str) and (match := _NUMBER_AS_TEXT.match(value)):
        digits, part, exponent = match.groups()
        if whole and float(value).is_integer():
            return f"`{value}` is text in YAML 1.1; write {int(float(value))}"
        sign = "" if exponent[0] in "+-" else "+"
        return f"`{value}` is text in YAML 1.1; write {digits}{part or '.0'}e{sign}{exponent}"
    return None


def _too_large(value: object) -> str | None:
    if isinstance(value, int | float) and abs(value) > LARGEST:
        return f"expected -{LARGEST} to {LARGEST}, since no hyperparameter is larger; found {shown(value)}"
    return None


def _scalar(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        raise wrong(f"{value!r} is not a finite number; write one")
    if text := number_as_text(value):
        raise wrong(text)
    if text := _too_large(value):
        raise wrong(text)
    if value is not None and not isinstance(value, bool | int | float | str):
        raise wrong(f"found {shown(value)}; write one text, number, true, false or null")
    return value


BOTH = Field(ge=-LARGEST, le=LARGEST)
Number = Annotated[int, BOTH] | Annotated[float, BOTH]
Scalar = Annotated[bool | Number | str | None, BeforeValidator(_scalar)]


class Values(BaseModel):
    """One of a few options, all different."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    values: Annotated[tuple[Scalar, ...], BeforeValidator(lambda v: tuple(v) if isinstance(v, list) else v)]

    @model_validator(mode="before")
    @classmethod
    def _from_list(cls, raw: object) -> object:
        return {"values": tuple(raw)} if isinstance(raw, list | tuple) else raw

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.values:
            raise wrong("an empty list of values; give at least one")
        typed_values = [(type(value), value) for value in self.values]
        twice = [value for i, (_, value) in enumerate(typed_values) if typed_values[i] in typed_values[:i]]
        if twice:
            raise wrong(f"{twice[0]!r} stands twice among the values; keep one")
        return self


def _bound(value: object) -> object:
    if text := number_as_text(value):
        raise wrong(text)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong(f"expected a number, found {shown(value)}")
    if not math.isfinite(value):
        raise wrong(f"{value!r} is not a finite number; write one")
    if text := _too_large(value):
        raise wrong(text)
    return value


Bound = Annotated[Number, BeforeValidator(_bound)]


class Range(BaseModel):
    """A range from ``min`` to ``max``, both included: whole numbers if all are written so, else real ones."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    min: Bound
    max: Bound
    log: bool = Field(default=False, description="draw evenly over magnitudes")
    step: Bound | None = Field(default=None, description="draw only min, min + step, ...")

    @property
    def is_whole(self) -> bool:
        """Whether every bound is a whole number."""
        return all(not isinstance(bound, float) for bound in (self.min, self.max, self.step))

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.min >= self.max:
            advice = (
                "a single value is written without min and max" if self.min == self.max else "swap the two"
            )
            raise wrong(f"min {self.min!r} is not below max {self.max!r}; {advice}")
        if self.log and self.min <= 0:
            raise wrong(
                f"log needs min above 0, found {self.min!r}; write a small positive min, or log: false"
            )
        if self.log and self.step is not None:
            raise wrong("log and step exclude each other; keep one")
        if self.step is not None:
            self._check_step(self.step)
        return self

    def _check_step(self, step: float) -> None:
        if step <= 0:
            raise wrong(f"step must be above 0, found {step!r}")
        steps = (self.max - self.min) / step
        if not math.isclose(steps, round(steps), abs_tol=1e-9) or round(steps) < 1:
            last = self.min + int(steps) * step
            raise wrong(
                f"step {step!r} from {self.min!r} never reaches max {self.max!r}; the last is {last!r}"
            )


def _kind(raw: object) -> str:
    if isinstance(raw, Values | list | tuple):
        return "<values>"
    if isinstance(raw, Range) or (isinstance(raw, Mapping) and "values" not in raw):
        return "<range>"
    return "<values>" if isinstance(raw, Mapping) else "<constant>"


Entry = Annotated[
    Annotated[Scalar, Tag("<constant>")]
    | Annotated[Values, Tag("<values>")]
    | Annotated[Range, Tag("<range>")],
    Discriminator(_kind),
]
Block = dict[str, Entry]  # the parameters of one method


def written(entry: Any) -> Any:
    """An entry as it is written in a file: the inverse of reading it."""
    if isinstance(entry, Values):
        return {"values": list(entry.values)}
    return entry.model_dump(exclude_defaults=True) if isinstance(entry, Range) else entry
