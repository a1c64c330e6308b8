"""Perturbed rows from files, folders and archives."""

import io
import json
import tarfile
import tempfile
from pathlib import Path

import pytest

from astraios_ray.errors import DataError
from astraios_ray.tasks.perturbed import Perturbed, read_perturbed
from astraios_ray.tasks.perturbing import nominal_rows, perturbed_rows, transformations_of
from tests.tasks.perturbations.rows import ROW


def rows_file(folder: Path, rows: list[Perturbed]) -> Path:
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row.as_json()) + "\n" for row in rows))
    return path


def released(folder: Path, *names: str) -> Path:
    """Files in ReCode's layout, each with one row."""
    (folder / "format").mkdir()
    for name in names:
        (folder / "format" / name).write_text(json.dumps(ROW.__dict__ | {"seed": 0, "partial": None}) + "\n")
    return folder / "format"


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    rows = [
        *perturbed_rows([ROW], transformations_of("format"), [0, 3]),
        *nominal_rows([ROW], "format"),
    ]
    assert read_perturbed(rows_file(tmp_path, rows), "format") == rows
    assert rows[0].id == "format/doc2comments/0/test/0"
    assert len(rows) == 5 + 2 + 1  # one of six transformations is random, so it has two rows


def test_rows_of_another_category_are_left_alone(tmp_path: Path) -> None:
    rows = [*nominal_rows([ROW], "syntax"), *nominal_rows([ROW], "format")]
    assert [row.category for row in read_perturbed(rows_file(tmp_path, rows), "syntax")] == ["syntax"]
    with pytest.raises(DataError, match=r"no perturbed row of docstring; has \['format', 'syntax'\]"):
        read_perturbed(rows_file(tmp_path, rows), "docstring")


def test_a_folder_is_read_file_by_file_in_the_order_of_names(tmp_path: Path) -> None:
    names = ("humaneval_tabs_s0.jsonl", "humaneval_lines_s1.jsonl", "humaneval_lines_s0.jsonl", "README.md")
    rows = read_perturbed(released(tmp_path, *names), "format")
    assert [(row.transformation, row.seed) for row in rows] == [("lines", 0), ("lines", 1), ("tabs", 0)]
    assert not any(row.verified for row in rows)


def test_an_archive_is_read_like_its_folder(tmp_path: Path) -> None:
    folder = released(tmp_path, "humaneval_tabs_s0.jsonl", "humaneval_lines_s1.jsonl")
    with tarfile.open(tmp_path / "format.tar.gz", "w:gz") as archive:
        archive.add(folder, "format")
    assert read_perturbed(tmp_path / "format.tar.gz", "format") == read_perturbed(folder, "format")


@pytest.mark.parametrize("folder", ["../", "/tmp/", "a/../../", ""])
def test_an_archive_writes_nowhere_but_in_a_folder_of_its_own(
    tmp_path: Path, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (file,) = released(tmp_path, "humaneval_tabs_s0.jsonl").iterdir()
    with tarfile.open(tmp_path / "format.tar", "w") as archive:
        member = archive.gettarinfo(file)
        member.name = f"{folder}{file.name}"  # since add() would make the name relative
        archive.addfile(member, io.BytesIO(file.read_bytes()))
    (inside := tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(inside))
    files = sorted(tmp_path.rglob("*"))
    assert [row.transformation for row in read_perturbed(tmp_path / "format.tar", "format")] == ["tabs"]
    assert sorted(tmp_path.rglob("*")) == files
    assert not Path("/tmp", file.name).exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE])
def test_what_is_no_file_of_an_archive_is_refused_by_name(tmp_path: Path, kind: bytes) -> None:
    with tarfile.open(tmp_path / "format.tar", "w") as archive:
        member = tarfile.TarInfo("format/humaneval_tabs_s0.jsonl")
        member.type, member.linkname = kind, "/etc/passwd"
        archive.addfile(member)
    with pytest.raises(DataError, match=r"format/humaneval_tabs_s0\.jsonl is a link or a folder"):
        read_perturbed(tmp_path / "format.tar", "format")


@pytest.mark.parametrize(
    "name", ["tabs/0/test/0", "layout/tabs/0/test/0", "format/tabs/x/test/0", "format/tabs/0/other"]
)
def test_an_id_that_does_not_say_what_was_done_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(ROW.__dict__ | {"id": name}) + "\n")
    with pytest.raises(DataError, match="expected CATEGORY/TRANSFORMATION/SEED/task_id"):
        read_perturbed(path, "format")


def test_a_broken_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "format.tar.gz").write_bytes(b"no archive")
    with pytest.raises(DataError, match="cannot be unpacked"):
        read_perturbed(tmp_path / "format.tar.gz", "format")
