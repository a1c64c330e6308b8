"""``perturb``: rows in, perturbed rows out, and nothing out whose reference does not pass."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from astraios_ray.cli.main import cli
from astraios_ray.errors import AstraiosError, DataError
from astraios_ray.tasks.perturbations.row import CodeRow
from astraios_ray.tasks.perturbed import read_perturbed
from tests.tasks.perturbations.rows import ROW, with_body

ODD = replace(  # indented by two: tabs and blanks get mixed, which Python does not take
    with_body("    if xs:\n      if xs > 0:\n        return 1\n    return 0\n"),
    task_id="odd",
    test="assert f(1) == 1",
)


def perturb(*args: str) -> Result:
    return CliRunner().invoke(cli, ["perturb", *args])


def write_rows(folder: Path, *rows: CodeRow) -> str:
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(asdict(row)) + "\n" for row in rows))
    return str(path)


def lines(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.usefixtures("sandbox")
def test_a_category_gives_every_transformation_and_each_seed_where_it_matters(tmp_path: Path) -> None:
    rows = lines(perturb(write_rows(tmp_path, ROW), "--category", "function", "--seed", "1", "--seed", "4"))
    assert [row["id"].split("/")[1:3] for row in rows] == [
        ["FuncRenameButterFinger", "1"],
        ["FuncRenameButterFinger", "4"],
        ["FuncRenameCamelCase", "1"],
        ["FuncRenameChangeChar", "1"],
        ["FuncRenameChangeChar", "4"],
        ["FuncRenameSwapChar", "1"],
        ["FuncRenameSwapChar", "4"],
    ]


@pytest.mark.usefixtures("sandbox")
def test_rows_whose_reference_no_longer_passes_are_left_out_and_listed(tmp_path: Path) -> None:
    rows = write_rows(tmp_path, ROW, ODD)
    out = tmp_path / "out.jsonl"
    result = perturb(rows, "--transformation", "tab_indent", "-o", str(out), "--json")
    assert result.exit_code == 0, result.output
    assert "excluded format/tab_indent/0/odd: load_error TabError" in result.stderr
    summary = json.loads(result.stdout)
    assert summary["transformations"] == {"tab_indent": {"rows": 1, "excluded": 1}}
    assert list(summary["excluded"]) == ["format/tab_indent/0/odd"]
    assert [row.row.task_id for row in read_perturbed(out, "format")] == ["test/0"]


@pytest.mark.usefixtures("sandbox")
def test_nominal_rows_come_along_when_asked_for(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    flags = ("--transformation", "OperandSwap", "--nominal", "--output", str(out))
    result = perturb(write_rows(tmp_path, ROW), *flags)
    assert result.stdout == ""
    assert "2 rows, 0 of them as they were" in result.stderr
    rows = read_perturbed(out, "syntax")
    assert [row.transformation for row in rows] == ["OperandSwap", "nominal"]
    assert rows[1].row.program == ROW.program


@pytest.mark.usefixtures("sandbox")
def test_the_evaluator_asks_what_was_written(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    perturb(write_rows(tmp_path, ROW), "--category", "format", "--nominal", "--output", str(out))
    rows = [[row.row.program] for row in read_perturbed(out, "format")]
    (tmp_path / "generations.json").write_text(json.dumps(rows))
    flags = ("--generations", str(tmp_path / "generations.json"), "--data", str(out), "--json")
    result = CliRunner().invoke(cli, ["score", "recode", "--option", "category=format", *flags])
    assert result.exit_code == 0, result.output
    scores = json.loads(result.stdout)["scores"]
    assert scores["robust_pass_at_1/format"] == scores["pass_at_1"] == 1.0
    assert scores["robust_change_at_1/format"] == 0.0


@pytest.mark.usefixtures("sandbox")
def test_a_row_that_fails_before_it_is_perturbed_is_refused(tmp_path: Path) -> None:
    wrong = replace(ROW, task_id="wrong", canonical_solution="    return 0\n")
    result = perturb(write_rows(tmp_path, ROW, wrong), "--category", "format")
    assert isinstance(result.exception, DataError)
    assert "rows.jsonl: wrong: its own reference does not pass: failed" in str(result.exception)
    assert result.stdout == ""


def test_all_bad_rows_are_told_before_anything_is_run(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"task_id": "a"}\nno JSON\n')
    result = perturb(str(path), "--category", "format")
    assert isinstance(result.exception, AstraiosError)
    assert "rows.jsonl:1: 'prompt'" in str(result.exception)
    assert "rows.jsonl:2: found no JSON" in str(result.exception)


def test_the_list_names_every_transformation_with_its_category() -> None:
    listing = json.loads(perturb("--list", "--json").stdout)
    assert len(listing) == 20
    assert listing[0] == {
        "name": "doc2comments",
        "category": "format",
        "random": False,
        "says": "Turn the docstring into comments.",
    }
    assert "FuncRenameSwapChar  " in perturb("--list").stdout


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((), "Missing argument 'FILE'"),
        (("rows.jsonl",), "Give --category, --transformation"),
        (("rows.jsonl", "--category", "format", "--json"), "give a file for the rows"),
        (
            ("rows.jsonl", "--category", "format", "--transformation", "OperandSwap"),
            "is of syntax, not of format",
        ),
    ],
)
def test_flags_that_do_not_fit_are_told(args: tuple[str, ...], message: str) -> None:
    result = perturb(*args)
    assert result.exit_code == 2
    assert message in result.stderr
