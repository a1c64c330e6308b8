"""Records of a dataset on the Hugging Face hub, at a pinned revision."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from astraios_ray.data.row_files import format_of
from astraios_ray.data.sources.source_kind import SourceKind
from astraios_ray.errors import ConfigError, DataError
from astraios_ray.path_kinds import exists
from astraios_ray.records import SourceRef

HUB_ID = re.compile(r"[\w.-]+/[\w.-]+(:\w+)?")


def _claims(name: str) -> bool:
    return bool(HUB_ID.fullmatch(name)) and not exists(Path(name)) and format_of(Path(name)) is None


def _records(source: SourceRef) -> Iterator[tuple[str, object]]:
    """The records of ``owner/name`` or ``owner/name:split`` (default: train), with their places."""
    return ((f"{source.source}:{number}", row) for number, row in enumerate(_loaded(source), start=1))


def _files(source: SourceRef) -> list[Path]:
    """The files in which the library datasets keeps the rows on this machine."""
    return [Path(file["filename"]) for file in _loaded(source).cache_files]


def _loaded(source: SourceRef) -> Any:
    name, _, split = source.source.partition(":")
    if split and source.split:
        raise ConfigError(
            f"data: {source.source} names a split, and so does split {source.split!r}; keep one."
        )
    if not source.revision:
        raise ConfigError(
            f"data.revision: the hub dataset {name!r} needs one, so that every run reads the same rows; "
            "give its commit (40 hexadecimal digits)."
        )
    import datasets  # imported here, since it takes a second

    try:
        return datasets.load_dataset(
            name, source.config, revision=source.revision, split=split or source.split or "train"
        )
    except (OSError, ValueError, datasets.exceptions.DatasetsError) as error:
        raise DataError(
            f"{name}: could not be read from the hub at revision {source.revision!r} ({_line(error)}). "
            "Check id, config, split and network, or give files or a folder."
        ) from error


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


KIND = SourceKind(_claims, _records, _files, has_splits=True)
