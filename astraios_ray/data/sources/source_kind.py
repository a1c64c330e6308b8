"""What a kind of sources is: the names that it claims, and how it is read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from astraios_ray.records import SourceRef


@dataclass(frozen=True)
class SourceKind:
    """One kind of sources. ``records`` raises ConfigError and DataError."""

    claims: Callable[[str], bool]
    records: Callable[[SourceRef], Iterator[tuple[str, object]]]
    has_splits: bool = False
