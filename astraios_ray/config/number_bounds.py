"""The least and the greatest value of a number in a study, and why no greater one can be meant."""

from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from astraios_ray.config.config_problems import shown
from astraios_ray.config.dialect import wrong


@dataclass(frozen=True)
class Bounds:
    """The annotation of a number. ``reason`` completes the sentence "at most …, since …"."""

    low: float
    high: float
    reason: str
    above_low: bool = False  # whether ``low`` itself is out of bounds

    def problem(self, value: float) -> str | None:
        """What is wrong with a number, or None."""
        if value <= self.high and (value > self.low if self.above_low else value >= self.low):
            return None
        if value > self.high:
            return f"expected at most {self.high}, since {self.reason}; found {shown(value)}"
        word = "above" if self.above_low else "at least"
        return f"expected {word} {self.low}, found {shown(value)}"

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check a number after its type."""
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> Any:
        """Name both bounds for editors."""
        low = "exclusiveMinimum" if self.above_low else "minimum"
        return {**handler(schema), low: self.low, "maximum": self.high}

    def _checked(self, value: float) -> float:
        if text := self.problem(value):
            raise wrong(text)
        return value
