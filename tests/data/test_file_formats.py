"""Files of every format and compression: whole, torn and malformed."""

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from astraios_ray.config.data_checks import DATA_SUFFIXES
from astraios_ray.data.file_formats import FORMATS
from astraios_ray.data.row_files import file_records
from astraios_ray.data.rows import BadRow

RECORDS = [{"prompt": f"ask, {number}", "completion": f'é "{number}"\nnext'} for number in range(5)]


def json_lines() -> bytes:
    return "".join(json.dumps(record) + "\n" for record in RECORDS).encode()


def json_array() -> bytes:
    return json.dumps(RECORDS, indent=1).encode()


def comma_separated() -> bytes:
    file = io.StringIO(newline="")
    table = csv.DictWriter(file, ["prompt", "completion"])
    table.writeheader()
    table.writerows(RECORDS)
    return file.getvalue().encode()


def parquet() -> bytes:
    sink = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(RECORDS), sink)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def zstandard(content: bytes) -> bytes:
    sink = pyarrow.BufferOutputStream()
    with pyarrow.CompressedOutputStream(sink, "zstd") as file:
        file.write(content)
    compressed: bytes = sink.getvalue().to_pybytes()
    return compressed


CONTENTS = {".jsonl": json_lines(), ".json": json_array(), ".csv": comma_separated()}
FILES = {
    **CONTENTS,
    **{f"{name}.gz": gzip.compress(content) for name, content in CONTENTS.items()},
    **{f"{name}.zst": zstandard(content) for name, content in CONTENTS.items()},
    ".parquet": parquet(),
}


def write(folder: Path, suffix: str, content: bytes) -> Path:
    path = folder / f"rows{suffix}"
    path.write_bytes(content)
    return path


def reasons(path: Path) -> list[str]:
    return [str(record) for _, record in file_records(path) if isinstance(record, BadRow)]


def test_every_format_is_tried_here() -> None:
    assert set(FILES) == set(FORMATS) == set(DATA_SUFFIXES)


@pytest.mark.parametrize("suffix", FILES)
def test_every_format_gives_the_same_records_with_their_places(suffix: str, tmp_path: Path) -> None:
    path = write(tmp_path, suffix, FILES[suffix])
    assert list(file_records(path)) == [(f"{path}:{n}", record) for n, record in enumerate(RECORDS, 1)]


@pytest.mark.parametrize("suffix", [name for name in FILES if name.endswith((".gz", ".zst"))])
def test_a_compressed_file_that_breaks_off_is_told(suffix: str, tmp_path: Path) -> None:
    path = write(tmp_path, suffix, FILES[suffix][:-9])
    (reason,) = reasons(path)
    assert "data ends or breaks here" in reason
    assert f"expected a whole {path.suffix} file" in reason


@pytest.mark.parametrize(
    ("suffix", "content", "reason"),
    [
        (".json", b'{"prompt": "a"}', "rows.json:1: found an object, expected a list of objects."),
        (
            ".json",
            b"[1, ",
            "rows.json:1: found no JSON (Expecting value at line 1, column 5), expected a list",
        ),
        (".json", b'["\xff"]', "rows.json:1: byte 2 of the file is no UTF-8, expected UTF-8 text."),
        (".json", b"[" * 100_000, "rows.json:1: is nested too deeply, expected a list of objects."),
        (".csv", b"a,b\n1,2\n1\n", "rows.csv:2: has 1 cells, expected 2 as in the first line."),
        (".csv", b'a,b\n1,"2\n', "rows.csv:1: no CSV can be read here (unexpected end of data)"),
        (".csv", b"a,b\n1,2\n\xff,2\n", "a byte here is no UTF-8 (invalid start byte), expected UTF-8 text."),
    ],
)
def test_a_malformed_file_says_where_and_what_would_be_right(
    suffix: str, content: bytes, reason: str, tmp_path: Path
) -> None:
    assert reason in reasons(write(tmp_path, suffix, content))[0]


def test_a_text_of_a_csv_file_may_be_long(tmp_path: Path) -> None:
    path = write(tmp_path, ".csv", b'text\n"' + b"x" * 200_000 + b'"\n')
    ((_, record),) = file_records(path)
    assert isinstance(record, dict)
    assert len(record["text"]) == 200_000


def test_an_error_of_the_machine_is_no_bad_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, ".jsonl.gz", FILES[".jsonl.gz"])

    def fail(*args: Any) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(gzip.GzipFile, "read", fail)
    with pytest.raises(OSError, match="Input/output"):
        list(file_records(path))
