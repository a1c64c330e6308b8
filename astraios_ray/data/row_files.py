"""Records of JSONL, gzipped JSONL and Parquet files, and the faults of those that cannot be read."""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow
import pyarrow.parquet

from astraios_ray.data.rows import BadRow
from astraios_ray.errors import ConfigError

FORMATS = (".jsonl", ".jsonl.gz", ".parquet")


def file_records(path: Path) -> Iterator[tuple[str, object]]:
    """The records of a file with their places ``file:row``, or a BadRow where one cannot be read.

    A file that breaks off ends with a BadRow. Raises ConfigError for a missing file or another format.
    """
    if not path.is_file():
        raise ConfigError(f"data: there is no file {str(path)!r}.")
    if path.name.endswith(".parquet"):
        return _parquet_records(path)
    if path.name.endswith((".jsonl", ".jsonl.gz")):
        return json_line_records(path)
    raise ConfigError(f"data: {path}: expected a file that ends in {', '.join(FORMATS)}.")


def json_line_records(path: Path) -> Iterator[tuple[str, object]]:
    """The records of a file of JSON lines with any name; gzipped when the name ends in .gz.

    Like ``file_records``, which requires a usual name.
    """
    number = 0
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                place = f"{path}:{number}"
                yield place, _json_record(line.rstrip(b"\r\n"), place)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        place = f"{path}:{number + 1}"
        yield place, BadRow(place, f"the gzip data ends or breaks here ({error}); expected a whole .gz file.")


def _json_record(line: bytes, place: str) -> object:
    try:
        return json.loads(line.decode())
    except UnicodeDecodeError as error:
        return BadRow(place, f"byte {error.start} of the line is no UTF-8, expected UTF-8 text.")
    except json.JSONDecodeError as error:
        content = "an empty line" if not line.strip() else f"no JSON ({error.msg} at column {error.colno})"
        return BadRow(place, f"found {content}, expected one JSON object.")
    except RecursionError:
        return BadRow(place, "is nested too deeply, expected one flat JSON object.")


def _parquet_records(path: Path) -> Iterator[tuple[str, object]]:
    number = 0
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            for batch in file.iter_batches():
                for index in range(batch.num_rows):
                    number += 1
                    place = f"{path}:{number}"
                    yield place, _parquet_record(batch.slice(index, 1), place)
    except (pyarrow.ArrowException, OSError) as error:
        place = f"{path}:{number + 1}"
        yield place, BadRow(place, f"no Parquet can be read here ({error}); expected a whole .parquet file.")


def _parquet_record(batch: pyarrow.RecordBatch, place: str) -> object:
    try:
        return batch.to_pylist()[0]
    except UnicodeDecodeError as error:
        return BadRow(place, f"byte {error.start} of a text is no UTF-8, expected UTF-8 text.")
