"""A folder of files of rows, or of source files with one row each."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from astraios_ray.data.row_files import format_of
from astraios_ray.data.sources.paths import any_file_records
from astraios_ray.data.sources.source_kind import SourceKind
from astraios_ray.errors import ConfigError
from astraios_ray.path_kinds import is_folder
from astraios_ray.records import SourceRef


def _records(source: SourceRef) -> Iterator[tuple[str, object]]:
    return chain.from_iterable(map(any_file_records, _files(source)))


def _files(source: SourceRef) -> list[Path]:
    """All files of rows below the folder; all its files where it has none of rows.

    With a split, those in the folder of that name or with names that begin so.
    """
    folder = Path(source.source).expanduser()
    files = [path for path in sorted(folder.rglob("*")) if _is_visible(path, folder)]
    if source.split is not None:
        files = [path for path in files if _is_of_split(path.relative_to(folder), source.split)]
    if not files:
        of_split = f" of the split {source.split!r}" if source.split is not None else ""
        raise ConfigError(f"data: the folder {folder} has no file{of_split}.")
    of_rows = [path for path in files if format_of(path)]
    return of_rows or files


def _is_visible(path: Path, folder: Path) -> bool:
    """Whether it is a file, not hidden and not Python's bytecode."""
    parts = path.relative_to(folder).parts
    return path.is_file() and not any(part.startswith(".") or part == "__pycache__" for part in parts)


def _is_of_split(path: Path, split: str) -> bool:
    """Whether a file lies in the split's folder, or its name begins with it: test-00000.parquet."""
    begins = path.name.startswith(split) and not path.name[len(split) :][:1].isalnum()
    return path.parts[0] == split or begins


KIND = SourceKind(lambda name: is_folder(Path(name).expanduser()), _records, _files, has_splits=True)
