"""One place in a program where a judge found the weakness."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """``line`` counts from 1 in the whole program; ``message`` describes the weakness there."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"
