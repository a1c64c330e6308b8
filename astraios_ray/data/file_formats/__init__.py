"""The formats of files of rows, by the ends of their names."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from astraios_ray.data.file_formats.comma_separated import csv_records
from astraios_ray.data.file_formats.json_array import json_array_records
from astraios_ray.data.file_formats.json_lines import json_line_records
from astraios_ray.data.file_formats.parquet import parquet_records

Reader = Callable[[Path], Iterator[tuple[str, object]]]

COMPRESSED = ("", ".gz", ".zst")
_TEXT: Mapping[str, Reader] = {".jsonl": json_line_records, ".json": json_array_records, ".csv": csv_records}
READERS: Mapping[str, Reader] = {
    **{name + end: reader for name, reader in _TEXT.items() for end in COMPRESSED},
    ".parquet": parquet_records,
}
FORMATS = tuple(READERS)
