"""The kinds of sources of rows, in the order in which they are tried."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from astraios_ray.data.sources import builtin, folders, hub, paths, saved_datasets
from astraios_ray.data.sources.source_kind import SourceKind
from astraios_ray.errors import ConfigError
from astraios_ray.records import SourceRef

__all__ = ["files_of", "records_of"]

KINDS = (builtin.KIND, saved_datasets.KIND, folders.KIND, hub.KIND, paths.KIND)


def records_of(source: SourceRef) -> Iterator[tuple[str, object]]:
    """The records with their places, or a BadRow where one cannot be read.

    Raises ConfigError when there is no such source, DataError when it cannot be read.
    """
    kind = _kind(source)
    if source.split is not None and not kind.has_splits:
        raise ConfigError(
            f"data: {source.source} has no split {source.split!r}: a hub id, a saved data set and a folder "
            "have splits. Leave split out, or give another source."
        )
    return kind.records(source)


def files_of(source: SourceRef) -> Sequence[Path]:
    """The files whose contents decide the records, in the order in which they are read. Raises as above."""
    return _kind(source).files(source)


def _kind(source: SourceRef) -> SourceKind:
    return next(kind for kind in KINDS if kind.claims(source.source))
