"""One place in a program where a judge saw the weakness that it looks for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """``line`` counts from 1 in the whole program; ``what`` is said of it in a few words."""

    line: int
    what: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.what}"
