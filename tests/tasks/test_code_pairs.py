import gzip
import json
from pathlib import Path

import pytest

from astraios_ray.errors import ConfigError, DataError
from astraios_ray.tasks.code_pairs import CodePair, read_pairs

ROWS = [{"nl": "add one", "code": "x ++ ;"}, {"nl": "stop", "code": "return ;"}]
PAIRS = [CodePair("add one", "x ++ ;"), CodePair("stop", "return ;")]


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.gz", "dev.json", "dev.json.gz"])
def test_rows_are_read_from_json_lines_under_any_of_their_names(tmp_path: Path, name: str) -> None:
    raw = "".join(json.dumps(row) + "\n" for row in ROWS).encode()
    (tmp_path / name).write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    assert read_pairs(tmp_path / name, "nl", "code") == PAIRS


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_two_files_of_lines_are_read_side_by_side(tmp_path: Path, suffix: str) -> None:
    for side, lines in (("buggy", "a b \nc\n"), ("fixed", "a\nd e\n")):
        raw = lines.encode()
        (tmp_path / f"test.{side}{suffix}").write_bytes(gzip.compress(raw) if suffix else raw)
    path = tmp_path / f"test.buggy{suffix}"
    assert read_pairs(path, "buggy", "fixed") == [CodePair("a b", "a"), CodePair("c", "d e")]


def test_files_of_different_length_are_refused(tmp_path: Path) -> None:
    (tmp_path / "test.buggy").write_text("a\nb\n")
    (tmp_path / "test.fixed").write_text("a\n")
    with pytest.raises(DataError, match=r"has 2 lines, test.fixed beside it has 1"):
        read_pairs(tmp_path / "test.buggy", "buggy", "fixed")


def test_a_missing_second_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "test.buggy").write_text("a\n")
    with pytest.raises(ConfigError, match=r"no file .*test.fixed"):
        read_pairs(tmp_path / "test.buggy", "buggy", "fixed")


def test_hidden_answers_and_broken_lines_are_told_with_their_rows(tmp_path: Path) -> None:
    (tmp_path / "test.json").write_text('{"nl": "a", "code": ""}\n{"nl": "b", "code": "x"}\n{"nl"\n')
    with pytest.raises(DataError) as caught:
        read_pairs(tmp_path / "test.json", "nl", "code")
    first, last = str(caught.value).splitlines()
    assert first.endswith("test.json:1: 'code' is empty, expected some text")
    assert "test.json:3: found no JSON" in last


def test_a_truncated_gzip_file_is_told(tmp_path: Path) -> None:
    for side in ("buggy", "fixed"):
        (tmp_path / f"test.{side}.gz").write_bytes(gzip.compress(b"a\n" * 500)[:-9])
    with pytest.raises(DataError, match="cannot be read"):
        read_pairs(tmp_path / "test.buggy.gz", "buggy", "fixed")
