"""Every reader of rows: what is odd and right is read, and no file fills the memory."""

import codecs
import gzip
import json
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from astraios_ray.data.file_formats import compression, json_lines
from astraios_ray.data.file_formats.json_text import parse_json
from astraios_ray.data.row_files import file_records
from astraios_ray.data.row_reader import read_rows
from astraios_ray.data.rows import kind_of
from astraios_ray.errors import DataError
from astraios_ray.evaluation.generations_file import in_order, read_generations
from astraios_ray.evaluation.row_source import read_texts
from astraios_ray.records import DataRef
from astraios_ray.sandbox.protocol import FunctionCheck
from astraios_ray.studies import judge_rows
from astraios_ray.tasks.code_pairs import read_pairs
from astraios_ray.tasks.labelled_rows import read_labelled

ROW = {"id": "a", "prompt": "p", "completion": "c", "test": "f()", "entry_point": "f", "label": True}


def judged(path: Path) -> list[str]:
    checks = [row.check for row in judge_rows.read_rows(path)]
    return [check.source[1:] for check in checks if isinstance(check, FunctionCheck)]


READERS: dict[str, Callable[[Path], Sequence[str]]] = {  # the completion of each row
    "training": lambda path: [row.completion for row in read_rows(DataRef(str(path)))],
    "generations": lambda path: [one.text for one in in_order(read_generations(path), ["a"])],
    "judge": judged,
    "problems": lambda path: [row["completion"] for row in read_texts(path, ("completion",), "id")],
    "pairs": lambda path: [pair.target for pair in read_pairs(path, "prompt", "completion")],
    "labels": lambda path: [
        row.texts["completion"] for row in read_labelled([path], ["completion"], "label")
    ],
}


@pytest.fixture(params=READERS)
def read(request: pytest.FixtureRequest) -> Callable[[Path], Sequence[str]]:
    return READERS[request.param]


Read = Callable[[Path], Sequence[str]]


def write(
    folder: Path, line: str, *, name: str = "rows.jsonl", before: bytes = b"", behind: str = "\n"
) -> Path:
    path = folder / name
    path.write_bytes(before + line.encode() + behind.encode())
    return path


@pytest.mark.parametrize("letter", ["\u2028", "\u2029", "\u0085"], ids=ascii)
def test_only_a_newline_ends_a_line(letter: str, read: Read, tmp_path: Path) -> None:
    row = json.dumps({**ROW, "completion": f"a{letter}b"}, ensure_ascii=False)
    assert read(write(tmp_path, row)) == [f"a{letter}b"]


def test_a_byte_order_mark_and_blank_last_lines_are_left_out(read: Read, tmp_path: Path) -> None:
    assert read(write(tmp_path, json.dumps(ROW), before=codecs.BOM_UTF8, behind="\r\n\n  \n")) == ["c"]


@pytest.mark.parametrize("number", ["9" * 5000, "-" + "9" * 1_000_000, "1e999999"], ids=len)
def test_a_column_that_nobody_asks_for_may_hold_any_number(number: str, read: Read, tmp_path: Path) -> None:
    row = json.dumps(ROW)[:-1]
    assert read(write(tmp_path, f'{row}, "more": {number}}}')) == ["c"]


def test_a_number_that_is_asked_for_is_no_text(read: Read, tmp_path: Path) -> None:
    row = json.dumps({**ROW, "completion": 0}).replace('"completion": 0', f'"completion": {"9" * 5000}')
    with pytest.raises(DataError, match=r"1: .*(must be text|found a number, expected text)"):
        read(write(tmp_path, row))


def test_a_number_keeps_its_digits() -> None:
    value = parse_json(f"[7, {'9' * 5000}]")
    assert value == [7, Decimal("9" * 5000)]
    assert kind_of(Decimal(1)) == "a number"


def test_a_row_that_is_nested_too_deeply_is_told(read: Read, tmp_path: Path) -> None:
    row = json.dumps(ROW)[:-1]
    with pytest.raises(DataError, match=r"rows\.jsonl:? ?(row )?1: is nested too deeply"):
        read(write(tmp_path, f'{row}, "more": {"[" * 200_000}{"]" * 200_000}}}'))


def test_a_line_that_is_too_long_is_told(read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "LONGEST_LINE", 1000)
    row = json.dumps({**ROW, "more": "x" * 1000})
    with pytest.raises(DataError, match="1: has more than 1,000 bytes, expected one JSON object a line"):
        read(write(tmp_path, f"{row}\n{row}"))


@pytest.mark.parametrize("end", ["\n", ""], ids=["many lines", "one line"])
def test_a_small_file_that_unpacks_to_a_large_one_is_told(
    end: str, read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compression, "ALWAYS_UNPACKED", 4 << 20)
    monkeypatch.setattr(json_lines, "LONGEST_LINE", 2 << 20)
    path = tmp_path / "rows.jsonl.gz"
    rows = (json.dumps({**ROW, "id": str(number), "more": "x" * (1 << 20)}) + end for number in range(100))
    path.write_bytes(b"".join(gzip.compress(row.encode()) for row in rows))  # 100 MB unpacked, 0.1 MB packed
    tracemalloc.start()
    with pytest.raises(DataError, match=r"unpacks to more than \d+|has more than 2,097,152 bytes"):
        read(path)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 50 << 20


def test_only_the_columns_that_are_asked_for_are_read_of_a_parquet_file(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    nanoseconds = pyarrow.array([1], pyarrow.timestamp("ns"))  # of which no datetime can be made
    no_text = pyarrow.array([b"\xff"]).view(pyarrow.string())
    columns = {name: pyarrow.array([value]) for name, value in ROW.items()}
    pyarrow.parquet.write_table(pyarrow.table({**columns, "more": no_text, "at": nanoseconds}), path)
    for name in ("training", "problems", "pairs", "labels"):
        assert READERS[name](path) == ["c"]


def test_the_columns_of_a_parquet_file_that_nobody_asks_for_take_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    rows = 2000
    same = pyarrow.DictionaryArray.from_arrays([0] * rows, ["x" * 100_000])
    table = pyarrow.table({"prompt": ["p"] * rows, "wide": same})
    pyarrow.parquet.write_table(table, path, store_schema=False)  # then "wide" is text of 200 MB
    before = pyarrow.total_allocated_bytes()
    for _, record in file_records(path):
        assert isinstance(record, Mapping) and record["prompt"] == "p"
        assert pyarrow.total_allocated_bytes() - before < 4 << 20
    assert path.stat().st_size < 1 << 20


def test_a_text_of_a_parquet_file_that_cannot_be_read_is_told_with_its_row(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    bad = pyarrow.array([b"a", b"\xff"]).view(pyarrow.string())
    pyarrow.parquet.write_table(pyarrow.table({"prompt": ["p", "q"], "completion": bad}), path)
    with pytest.raises(
        DataError, match=r"rows\.parquet:2: completion: found a text whose byte 0 is no UTF-8"
    ):
        read_rows(DataRef(str(path)))
