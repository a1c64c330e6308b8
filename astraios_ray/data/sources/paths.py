"""A file of rows, or a pattern of files of rows or of source code."""

import glob
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from astraios_ray.config.sources import is_pattern
from astraios_ray.data.row_files import file_records, format_of
from astraios_ray.data.rows import BadRow
from astraios_ray.data.sources.source_kind import SourceKind
from astraios_ray.errors import ConfigError
from astraios_ray.records import SourceRef


def any_file_records(path: Path) -> Iterator[tuple[str, object]]:
    """The records of a file of rows; one record, with text and path, of any other file."""
    return file_records(path) if format_of(path) else _source_file(path)


def _source_file(path: Path) -> Iterator[tuple[str, object]]:
    place = f"{path}:1"
    try:
        yield place, {"content": path.read_bytes().decode(), "path": str(path)}
    except UnicodeDecodeError as error:
        reason = f"byte {error.start} of the file is no UTF-8, expected a text; a pattern leaves files out."
        yield place, BadRow(place, reason)


def _records(source: SourceRef) -> Iterator[tuple[str, object]]:
    if not is_pattern(source.source):
        return file_records(Path(source.source).expanduser())
    return chain.from_iterable(map(any_file_records, _files(source)))


def _files(source: SourceRef) -> list[Path]:
    """The file, or those that match the pattern."""
    path = Path(source.source).expanduser()
    if not is_pattern(source.source):
        return [path]
    names = sorted(name for name in glob.iglob(str(path), recursive=True) if Path(name).is_file())
    if not names:
        raise ConfigError(f"data: no file matches {source.source!r}; '**' stands for any folders.")
    return [Path(name) for name in names]


KIND = SourceKind(lambda name: True, _records, _files)
