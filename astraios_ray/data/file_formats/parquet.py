"""Parquet files."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow
import pyarrow.parquet

from astraios_ray.data.rows import BadRow


def parquet_records(path: Path) -> Iterator[tuple[str, object]]:
    """The rows as objects, with their places ``file:row``; a BadRow where one cannot be read."""
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
