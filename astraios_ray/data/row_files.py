"""Records of one file, by the format that its name tells."""

from collections.abc import Iterator
from pathlib import Path

from astraios_ray.data.file_formats import FORMATS, READERS
from astraios_ray.errors import ConfigError
from astraios_ray.path_kinds import is_file


def file_records(path: Path) -> Iterator[tuple[str, object]]:
    """The records of a file with their places ``file:row``, or a BadRow where one cannot be read.

    A file that breaks off ends with a BadRow. Raises ConfigError for a missing file or another format.
    """
    if not is_file(path):
        raise ConfigError(f"data: there is no file {str(path)!r}.")
    suffix = format_of(path)
    if suffix is None:
        raise ConfigError(f"data: {path}: expected a file that ends in {', '.join(FORMATS)}.")
    return READERS[suffix](path)


def format_of(path: Path) -> str | None:
    """The format that the name of ``path`` ends with; None for any other."""
    return next((suffix for suffix in FORMATS if path.name.endswith(suffix)), None)
