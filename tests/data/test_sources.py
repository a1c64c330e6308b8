"""Sources of every kind: folders, patterns, saved data sets, the hub."""

import json
from pathlib import Path
from typing import Any

import datasets
import pytest

from astraios_ray.data.row_reader import read_rows, read_source
from astraios_ray.data.sources import files_of, records_of
from astraios_ray.embedded import primer_rows
from astraios_ray.errors import ConfigError, DataError
from astraios_ray.records import DataRef, SourceRef

COMMIT = "0" * 40


def texts(source: str, **keys: Any) -> list[str]:
    rows = read_source(SourceRef(source, **keys), DataRef(source)).rows
    return [row.completion for row in rows]


def write(path: Path, *completions: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps({"prompt": "p", "completion": text}) + "\n" for text in completions]
    path.write_text("".join(lines))
    return path


def test_a_folder_stands_for_its_files_of_rows_in_the_order_of_their_names(tmp_path: Path) -> None:
    write(tmp_path / "b.jsonl", "2", "3")
    write(tmp_path / "a" / "x.jsonl", "1")
    write(tmp_path / ".hidden" / "x.jsonl", "no")
    (tmp_path / "README.md").write_text("no row")
    assert texts(str(tmp_path)) == ["1", "2", "3"]


def test_a_folder_without_files_of_rows_stands_for_its_source_files(tmp_path: Path) -> None:
    (tmp_path / "b.py").write_text("b = 1\n")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "c.java").write_text("class C {}\n")
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "b.pyc").write_bytes(b"\xff")
    source = SourceRef(str(tmp_path))
    read = read_source(source, DataRef(str(tmp_path)))
    assert [row.turns[0].text for row in read.rows] == ["class C {}\n", "b = 1\n"]
    assert [row.source for row in read.rows] == [f"{tmp_path}/a/c.java:1", f"{tmp_path}/b.py:1"]


def test_a_pattern_selects_source_files_at_any_depth(tmp_path: Path) -> None:
    for name in ("a.py", "b/c.py", "b/d.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    assert texts(f"{tmp_path}/**/*.py") == ["a.py", "b/c.py"]
    with pytest.raises(ConfigError, match=r"no file matches '.*\*\.rs'; '\*\*' stands for any folders"):
        texts(f"{tmp_path}/*.rs")


def test_a_source_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"x = '\xff'")
    with pytest.raises(DataError, match=r"a\.py:1: byte 5 of the file is no UTF-8"):
        texts(str(tmp_path))


def test_a_split_of_a_folder_is_a_folder_or_the_files_of_its_name(tmp_path: Path) -> None:
    write(tmp_path / "train-00000.jsonl", "1")
    write(tmp_path / "training.jsonl", "another split")
    write(tmp_path / "test" / "x.jsonl", "2")
    assert texts(str(tmp_path), split="train") == ["1"]
    assert texts(str(tmp_path), split="test") == ["2"]
    with pytest.raises(ConfigError, match="has no file of the split 'dev'"):
        texts(str(tmp_path), split="dev")


def test_what_has_no_splits_says_so(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", "1")
    with pytest.raises(
        ConfigError, match="has no split 'test': a hub id, a saved data set and a folder have"
    ):
        records_of(SourceRef(str(path), split="test"))
    with pytest.raises(ConfigError, match=r"builtin:primer has no split 'test'"):
        records_of(SourceRef("builtin:primer", split="test"))


def table(*completions: str) -> Any:
    return datasets.Dataset.from_list([{"prompt": "p", "completion": text} for text in completions])


def test_a_data_set_that_was_saved_is_read(tmp_path: Path) -> None:
    table("1", "2").save_to_disk(tmp_path / "one")
    assert texts(str(tmp_path / "one")) == ["1", "2"]
    with pytest.raises(ConfigError, match="has no splits, found split 'test'"):
        texts(str(tmp_path / "one"), split="test")


def test_a_saved_data_set_has_the_split_train_by_default(tmp_path: Path) -> None:
    saved = datasets.DatasetDict({"train": table("1"), "test": table("2")})
    saved.save_to_disk(tmp_path / "both")
    assert texts(str(tmp_path / "both")) == ["1"]
    assert texts(str(tmp_path / "both"), split="test") == ["2"]
    with pytest.raises(ConfigError, match="has no split 'dev'; it has train, test"):
        texts(str(tmp_path / "both"), split="dev")


def test_a_saved_data_set_that_is_torn_is_told(tmp_path: Path) -> None:
    table("1").save_to_disk(tmp_path / "one")
    (tmp_path / "one" / "state.json").write_text("{}")
    with pytest.raises(DataError, match="no saved data set can be read here"):
        texts(str(tmp_path / "one"))


def test_the_hub_is_asked_for_configuration_split_and_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def load_dataset(*names: object, **keys: object) -> Any:
        calls.append((*names, keys))
        return table("1")

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    assert texts("some/rows", revision=COMMIT, config="python", split="test") == ["1"]
    assert texts("some/rows:dev", revision=COMMIT) == ["1"]
    assert calls == [
        ("some/rows", "python", {"revision": COMMIT, "split": "test"}),
        ("some/rows", None, {"revision": COMMIT, "split": "dev"}),
    ]
    with pytest.raises(ConfigError, match="names a split, and so does split 'test'; keep one"):
        texts("some/rows:dev", revision=COMMIT, split="test")


def test_a_hub_that_cannot_be_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def load_dataset(*names: object, **keys: object) -> Any:
        raise ValueError("Unknown split 'test'")

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    with pytest.raises(DataError, match=r"could not be read from the hub at revision '0000.*Unknown split"):
        texts("some/rows", revision=COMMIT, split="test")


def test_columns_that_no_row_uses_and_rows_without_an_answer_are_named_once(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    records = [
        {"prompt": "p", "completion": "c", "lang": "Python", "id": 1},
        {"instruction": "i", "input": "x", "output": "o", "lang": "Java"},
        {"prompt": "p", "completion": " "},
    ]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    read = read_source(SourceRef(str(path)), DataRef(str(path)))
    assert (len(read.rows), read.unanswered, read.unused) == (2, 1, ("lang", "id"))
    assert read.note == (
        f"{path}: 1 of 3 rows have no answer and are left out. Columns that are not used: lang, id."
    )
    with pytest.raises(DataError, match=r"1 of 3 rows cannot be used:\n.*:3: completion: is empty"):
        read_rows(DataRef(str(path), strict=True))


def test_rows_of_which_none_has_an_answer_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", "", " ")
    with pytest.raises(DataError, match="none of 2 rows has an answer, expected at least one"):
        read_rows(DataRef(str(path)))


def test_every_kind_of_source_names_the_files_that_decide_its_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = write(tmp_path / "rows" / "a.jsonl", "1")
    test = write(tmp_path / "rows" / "test" / "b.jsonl", "2")
    table("1").save_to_disk(str(tmp_path / "saved"))
    saved = datasets.load_from_disk(str(tmp_path / "saved"))
    monkeypatch.setattr(datasets, "load_dataset", lambda *names, **keys: saved)
    arrow = Path(saved.cache_files[0]["filename"])
    assert files_of(SourceRef(str(rows))) == [rows]
    assert files_of(SourceRef(f"{tmp_path}/rows/**/*.jsonl")) == [rows, test]
    assert files_of(SourceRef(str(tmp_path / "rows"))) == [rows, test]
    assert files_of(SourceRef(str(tmp_path / "rows"), split="test")) == [test]
    assert arrow in files_of(SourceRef(str(tmp_path / "saved")))
    assert files_of(SourceRef("some/rows", revision=COMMIT)) == [arrow]
    assert Path(primer_rows.__file__) in files_of(SourceRef("builtin:primer"))
