"""Files that are gzipped, compressed by zstandard, or neither, by the ends of their names."""

import gzip
import io
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow

ALWAYS_UNPACKED = 128 << 20  # bytes
MOST_TIMES = 100  # its own size, beyond which a larger file is taken for one that was made to fill memory


class UnpacksToTooMuch(Exception):
    """A compressed file holds far more bytes than text does."""


BREAKS = (UnpacksToTooMuch, EOFError, zlib.error, gzip.BadGzipFile, pyarrow.ArrowException, OSError)
"""The errors of reading a compressed file that is torn, or unpacks to too much."""


def opened(path: Path) -> BinaryIO:
    """The uncompressed bytes of ``path`` as a file, whose reading raises the errors of BREAKS."""
    unpack = _UNPACKERS.get(path.suffix)
    if unpack is None:
        return path.open("rb")
    most = max(ALWAYS_UNPACKED, MOST_TIMES * path.stat().st_size)
    return io.BufferedReader(_Bounded(unpack(path), most), 1 << 16)


def explain_break(path: Path, error: Exception) -> str:
    """What is wrong with a compressed file. Raises ``error`` again where the machine could not read."""
    if isinstance(error, OSError) and error.errno:
        raise error
    name = {".gz": "gzip", ".zst": "zstandard"}[path.suffix]
    if isinstance(error, UnpacksToTooMuch):
        return f"the {name} data {error}; to have it read all the same, unpack the file."
    return f"the {name} data ends or breaks here ({error}); expected a whole {path.suffix} file."


class _Bounded(io.RawIOBase):
    """The bytes of ``file``, of which at most ``most`` are read."""

    def __init__(self, file: Any, most: int) -> None:
        self._file = file
        self._most = most
        self._size = 0

    def readable(self) -> bool:
        """See io."""
        return True

    def readinto(self, buffer: Any) -> int:
        """See io."""
        part = self._file.read(len(buffer))
        self._size += len(part)
        if self._size > self._most:
            raise UnpacksToTooMuch(f"unpacks to more than {self._most:,} bytes, {MOST_TIMES} times its size")
        buffer[: len(part)] = part
        return len(part)

    def close(self) -> None:
        """See io."""
        self._file.close()
        super().close()


def _zstandard(path: Path) -> Any:
    return pyarrow.input_stream(str(path), compression="zstd")


_UNPACKERS: Mapping[str, Callable[[Path], Any]] = {".gz": gzip.open, ".zst": _zstandard}
