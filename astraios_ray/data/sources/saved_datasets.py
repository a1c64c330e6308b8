"""A folder that ``save_to_disk`` of the library datasets wrote."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from astraios_ray.data.sources.source_kind import SourceKind
from astraios_ray.errors import ConfigError, DataError
from astraios_ray.path_kinds import is_file
from astraios_ray.records import SourceRef

FILES = ("dataset_dict.json", "state.json")  # of a data set with splits, and of one without
TRAIN = "train"


def _claims(name: str) -> bool:
    return any(is_file(Path(name).expanduser() / file) for file in FILES)


def _records(source: SourceRef) -> Iterator[tuple[str, object]]:
    """The rows of the split (default: train) with their places."""
    import datasets  # imported here, since it takes a second

    folder, split = Path(source.source).expanduser(), source.split
    try:
        saved = datasets.load_from_disk(str(folder))
    except (OSError, ValueError, KeyError, datasets.exceptions.DatasetsError) as error:
        words = " ".join(str(error).split())[:300]
        raise DataError(f"{folder}: no saved data set can be read here ({words}); save it anew.") from error
    rows = _split(saved, folder, split) if isinstance(saved, dict) else saved
    if rows is saved and split is not None:
        raise ConfigError(f"data: {folder} has no splits, found split {split!r}; leave it out.")
    return ((f"{folder}:{number}", row) for number, row in enumerate(rows, start=1))


def _split(saved: dict[str, Any], folder: Path, split: str | None) -> Any:
    name = split or TRAIN
    if name not in saved:
        raise ConfigError(f"data: {folder} has no split {name!r}; it has {', '.join(saved)}.")
    return saved[name]


def _files(source: SourceRef) -> list[Path]:
    return sorted(path for path in Path(source.source).expanduser().rglob("*") if path.is_file())


KIND = SourceKind(_claims, _records, _files, has_splits=True)
