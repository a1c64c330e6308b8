"""The sources of rows, their order, and the message when there are no rows."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from astraios_ray.errors import ConfigError
from astraios_ray.evaluation import row_source
from astraios_ray.evaluation.row_source import RowSource


@pytest.fixture
def source(tmp_path: Path) -> Iterator[RowSource]:
    (tmp_path / "root" / "set").mkdir(parents=True)
    for name in ("mine.jsonl", "shipped.jsonl", "root/set/rows.jsonl"):
        (tmp_path / name).write_text("{}\n")
    yield RowSource("set/rows.jsonl", tmp_path / "shipped.jsonl", "owner/set", "0" * 40, "data/rows.jsonl")


@pytest.mark.parametrize(
    ("data", "root", "file"),
    [
        ("mine.jsonl", "", "mine.jsonl"),
        ("mine.jsonl", "root", "mine.jsonl"),
        ("", "root", "root/set/rows.jsonl"),
        ("builtin", "root", "shipped.jsonl"),
    ],
)
def test_a_file_wins_over_a_folder(
    data: str, root: str, file: str, source: RowSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert source.find(data, root).resolve() == tmp_path / file


def test_a_score_says_where_its_rows_came_from(source: RowSource, tmp_path: Path) -> None:
    assert source.describe("builtin", "") == {"rows": "builtin"}
    assert source.describe("", str(tmp_path / "root")) == {"rows": str(tmp_path / "root/set/rows.jsonl")}
    assert source.describe("", "") == {"rows": "owner/set/data/rows.jsonl", "revision": "0" * 40}


@pytest.mark.parametrize(("data", "root"), [("none.jsonl", ""), ("", "nowhere")])
def test_a_file_that_is_not_there_is_told(data: str, root: str, source: RowSource) -> None:
    with pytest.raises(ConfigError, match=r"there is no file '(none|nowhere)"):
        source.find(data, root)


def test_without_a_network_the_ways_to_give_rows_are_told(
    source: RowSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_name(*_: object) -> None:
        raise OSError("Name or service not known")

    monkeypatch.setattr(row_source, "getaddrinfo", no_name)
    monkeypatch.setattr(row_source, "getproxies", dict)
    with pytest.raises(ConfigError) as error:
        source.find("", "")
    for word in (
        "owner/set",
        "Name or service",
        "`data` FILE",
        "set/rows.jsonl",
        "ASTRAIOS_RAY_DATA",
        "builtin",
    ):
        assert word in str(error.value)


def test_a_hub_without_a_known_commit_asks_for_one(source: RowSource) -> None:
    with pytest.raises(ConfigError, match=r"owner/set: no commit .* `options` revision=COMMIT"):
        replace(source, revision="").find("", "")
