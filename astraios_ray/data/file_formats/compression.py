"""Files that are gzipped, compressed by zstandard, or neither, by the ends of their names."""

import gzip
import io
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow

BREAKS = (EOFError, zlib.error, gzip.BadGzipFile, pyarrow.ArrowException, OSError)
"""The errors of reading a compressed file that is torn."""


def opened(path: Path) -> Any:
    """The uncompressed bytes of ``path`` as a file."""
    return _OPENERS.get(path.suffix, _plain)(path)


def explain_break(path: Path, error: Exception) -> str:
    """What is wrong with a torn file. Raises ``error`` again where the machine could not read."""
    if isinstance(error, OSError) and error.errno:
        raise error
    name = {".gz": "gzip", ".zst": "zstandard"}[path.suffix]
    return f"the {name} data ends or breaks here ({error}); expected a whole {path.suffix} file."


def _plain(path: Path) -> Any:
    return path.open("rb")


def _zstandard(path: Path) -> Any:
    return io.BufferedReader(pyarrow.input_stream(str(path), compression="zstd"))


_OPENERS: Mapping[str, Callable[[Path], Any]] = {".gz": gzip.open, ".zst": _zstandard}
