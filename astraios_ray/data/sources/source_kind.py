"""What a kind of sources is: the names that it claims, and how it is read."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from astraios_ray.records import SourceRef


@dataclass(frozen=True)
class SourceKind:
    """One kind of sources. ``records`` raises ConfigError and DataError."""

    claims: Callable[[str], bool]
    records: Callable[[SourceRef], Iterator[tuple[str, object]]]
    files: Callable[[SourceRef], Sequence[Path]]  # whose contents decide the records
    has_splits: bool = False
