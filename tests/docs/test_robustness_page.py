"""docs/robustness.md shows rows that are perturbed as it says, and counts that are so."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from astraios_ray.cli.main import cli
from astraios_ray.evaluation.loading import load_evaluator
from astraios_ray.tasks.perturbations.transformation import TRANSFORMATIONS

PAGE = (Path(__file__).parents[2] / "docs" / "robustness.md").read_text()


def block(language: str) -> str:
    (text,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return str(text)


@pytest.fixture
def perturbed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sandbox: object) -> list[str]:
    """The rows of the page after each of its perturb commands."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.jsonl").write_text(block("jsonl"))
    outputs = []
    for line in re.findall(r"^astraios-ray (perturb .*)$", PAGE.replace(" \\\n ", ""), re.MULTILINE):
        result = CliRunner().invoke(cli, line.split())
        assert result.exit_code == 0, result.output
        outputs.append((tmp_path / "perturbed.jsonl").read_text())
    return outputs


def test_the_rows_that_are_shown_are_what_comes_out(perturbed: list[str]) -> None:
    first, second = perturbed
    assert [json.loads(row) for row in first.splitlines()] == [
        json.loads(row) for row in block("json").splitlines()
    ]
    assert len(second.splitlines()) == 4 * 3


def test_a_row_that_is_shown_is_a_row_of_the_evaluator(perturbed: list[str], tmp_path: Path) -> None:
    (tmp_path / "shown.jsonl").write_text(block("json"))
    problems = load_evaluator(f"recode?category=syntax&data={tmp_path / 'shown.jsonl'}").problems()
    assert {problem.id for problem in problems} == {
        json.loads(row)["id"] for row in block("json").splitlines()
    }


def test_as_many_transformations_as_are_said() -> None:
    text = " ".join(PAGE.split())
    exclusions = re.search(r"Not here: (.*?)\. ReCode's", text)
    assert exclusions
    assert len(list(TRANSFORMATIONS)) == 20
    assert "twenty of its twenty-nine" in text
    assert len(re.split(r",| and ", exclusions[1])) == 8  # "both TenseTransformations" are two
