import gzip
import json
from collections.abc import Mapping
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from astraios_ray.data.row_files import file_records
from astraios_ray.data.rows import BadRow, UnreadableCell
from astraios_ray.errors import ConfigError

RECORDS = [{"prompt": f"ask {number}", "completion": f"é {number}"} for number in range(5)]
LINES = "".join(json.dumps(record) + "\n" for record in RECORDS).encode()


def reasons(path: Path) -> list[str]:
    return [str(record) for _, record in file_records(path) if isinstance(record, BadRow)]


@pytest.fixture
def parquet(tmp_path: Path) -> Path:
    path = tmp_path / "rows.parquet"
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(RECORDS), path)
    return path


def test_the_three_formats_give_the_same_records_with_their_places(tmp_path: Path, parquet: Path) -> None:
    plain, packed = tmp_path / "rows.jsonl", tmp_path / "rows.jsonl.gz"
    plain.write_bytes(LINES)
    packed.write_bytes(gzip.compress(LINES))
    for path in (plain, packed, parquet):
        assert list(file_records(path)) == [(f"{path}:{n}", record) for n, record in enumerate(RECORDS, 1)]


def test_a_gzip_file_that_breaks_off_is_told_where(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(gzip.compress(LINES)[:-12])
    (reason,) = reasons(path)
    assert "the gzip data ends or breaks here" in reason


def test_what_is_no_gzip_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(LINES)
    assert reasons(path)[0].startswith(f"{path}:1: the gzip data ends or breaks here")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"prompt": "\xff"}', "byte 12 of the line is no UTF-8, expected UTF-8 text."),
        (
            b'{"prompt": "a"',
            "found no JSON (Expecting ',' delimiter at column 15), expected one JSON object.",
        ),
        (b"", "found an empty line, expected one JSON object."),
        (b"[" * 100_000, "is nested too deeply, expected one flat JSON object."),
    ],
)
def test_a_bad_line_is_told_and_those_behind_it_are_read(tmp_path: Path, line: bytes, reason: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(LINES + line + b"\n" + LINES)
    assert reasons(path) == [f"{path}:6: {reason}"]
    assert len(list(file_records(path))) == 11


def test_a_torn_parquet_file_is_told(parquet: Path) -> None:
    parquet.write_bytes(parquet.read_bytes()[:-20])
    (reason,) = reasons(parquet)
    assert "no Parquet can be read here" in reason


def test_a_text_of_a_parquet_file_that_is_no_utf8_is_told(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    bad = pyarrow.array([b"a", b"\xff", b"c"]).view(pyarrow.string())
    pyarrow.parquet.write_table(pyarrow.table({"prompt": bad}), path)
    records = [record for _, record in file_records(path)]
    assert [record["prompt"] for record in records if isinstance(record, Mapping)] == [
        "a",
        UnreadableCell("a text whose byte 0 is no UTF-8"),
        "c",
    ]


def test_a_missing_file_and_another_format_are_the_users_mistakes(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no file"):
        file_records(tmp_path / "none.jsonl")
    table = tmp_path / "rows.xlsx"
    table.write_text("a,b\n")
    with pytest.raises(ConfigError, match=r"expected a file that ends in \.jsonl, \.jsonl\.gz, \.jsonl\.zst"):
        file_records(table)
