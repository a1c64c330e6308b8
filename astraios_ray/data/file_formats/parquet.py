"""Parquet files, of which only the columns are read that somebody asks for."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

from astraios_ray.data.rows import BadRow, UnreadableCell

_ROWS = 256  # read at a time of each column


def parquet_records(path: Path) -> Iterator[tuple[str, object]]:
    """The rows as objects, with their places ``file:row``; a BadRow where the file is none."""
    try:
        table = _Table(path)
    except (pyarrow.ArrowException, OSError) as error:
        place = f"{path}:1"
        yield place, BadRow(place, f"no Parquet can be read here ({error}); expected a whole .parquet file.")
        return
    for index in range(table.rows):
        yield f"{path}:{index + 1}", _Record(table, index)


class _Table:
    """The cells of a file, column by column."""

    def __init__(self, path: Path) -> None:
        self._file = pyarrow.parquet.ParquetFile(path)
        self._columns: dict[str, _Column] = {}
        self.names = dict.fromkeys(self._file.schema_arrow.names)
        self.rows: int = self._file.metadata.num_rows

    def cell(self, name: str, index: int) -> object:
        """The value, or an UnreadableCell."""
        column = self._columns.get(name)
        if column is None or index < column.start:
            column = self._columns[name] = _Column(self._file, name)
        try:
            return column.cell(index)
        except UnicodeDecodeError as error:
            return UnreadableCell(f"a text whose byte {error.start} is no UTF-8")
        except (pyarrow.ArrowException, OSError, ValueError, OverflowError, StopIteration) as error:
            return UnreadableCell(f"a value that cannot be read ({' '.join(str(error).split())[:200]})")


class _Column:
    """The cells of one column, which are read in order."""

    def __init__(self, file: Any, name: str) -> None:
        self._name = name
        self._batches = file.iter_batches(batch_size=_ROWS, columns=[name])
        self._cells: Any = ()
        self.start = 0

    def cell(self, index: int) -> object:
        while index >= self.start + len(self._cells):
            self.start += len(self._cells)
            batch = next(self._batches)
            self._cells = batch.column(batch.schema.names.index(self._name))
        return self._cells[index - self.start].as_py()


class _Record(Mapping[str, object]):
    """One row, whose cells are read when they are asked for."""

    def __init__(self, table: _Table, index: int) -> None:
        self._table = table
        self._index = index

    def __getitem__(self, name: str) -> object:
        if name not in self._table.names:
            raise KeyError(name)
        return self._table.cell(name, self._index)

    def __contains__(self, name: object) -> bool:
        return name in self._table.names

    def __iter__(self) -> Iterator[str]:
        return iter(self._table.names)

    def __len__(self) -> int:
        return len(self._table.names)
