"""A model answers, going on where it was, and is scored; evaluators and their prompts are shown."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from astraios_ray.cli.main import cli
from astraios_ray.errors import ConfigError
from tests.fakes.backends import write_model
from tests.fakes.byte_tokenizers import byte_tokenizer

FEW = ("--samples", "2", "--max-new-tokens", "6", "--limit", "2", "--quiet")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model") / "nano")


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, list(args))


def shown(*args: str) -> Any:
    result = run(*args, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("task", ["primer", "humanevalpack_explain?data=builtin"])
def test_a_model_answers_and_is_scored(task: str, model: Path, tmp_path: Path) -> None:
    answer = shown("evaluate", task, "--model", str(model), *FEW, "--out", str(tmp_path))
    assert answer["denominators"] == {"pass_at_1": 2, "problems": 2, "samples": 2, "unscored": 0}
    assert answer["provenance"]["sampling"]["max_new_tokens"] == 6
    assert json.loads((tmp_path / "score.json").read_text()) == answer
    assert len((tmp_path / "completions.jsonl").read_text().splitlines()) == 4


@pytest.mark.usefixtures("sandbox")
def test_what_is_written_is_not_written_again_and_can_be_scored_alone(model: Path, tmp_path: Path) -> None:
    args = ("evaluate", "primer", "--model", str(model), "--out", str(tmp_path))
    shown(*args, *FEW)
    path = tmp_path / "completions.jsonl"
    first = path.read_text()
    path.write_text(first.replace("\\n", "\\n\\n"))  # a mark, to tell old texts from new ones
    marked = path.read_text()
    more = shown(*args, *FEW[:4], "--limit", "3", "--quiet")
    assert more["denominators"]["problems"] == 3
    assert path.read_text().startswith(marked)
    alone = shown("score", "primer", "--generations", str(path), "--limit", "3")
    assert alone["scores"] == more["scores"]


def test_a_folder_of_other_answers_is_refused(model: Path, tmp_path: Path) -> None:
    (tmp_path / "asked.json").write_text('{"task": "another"}')
    error = run("evaluate", "primer", "--model", str(model), *FEW, "--out", str(tmp_path)).exception
    assert isinstance(error, ConfigError)
    assert "task was 'another', is 'primer'" in str(error)


@pytest.mark.usefixtures("sandbox")
def test_answers_to_prompts_that_began_otherwise_are_refused(tmp_path: Path) -> None:
    model, out = write_model(tmp_path / "model"), tmp_path / "out"
    args = ("evaluate", "primer", "--model", str(model), *FEW, "--out", str(out))
    shown(*args)
    assert "prompts_begin" not in json.loads((out / "asked.json").read_text())
    byte_tokenizer("bos").save_pretrained(model)
    error = run(*args).exception
    assert isinstance(error, ConfigError)
    assert "prompts_begin was None, is ['<s>']" in str(error)


def test_all_evaluators_are_listed_with_their_options() -> None:
    listed = {one["name"]: one for one in shown("evaluators")}
    assert listed["primer"]["options"] == {"held_out": False}
    assert listed["humanevalpack_fix"]["options"]["language"] == "python"
    assert all(one["summary"] for one in listed.values())
    assert "humanevalpack_fix: HumanEvalPack fix" in run("evaluators").stdout


def test_the_prompts_of_one_problem_are_shown_with_both_stages() -> None:
    args = ("evaluators", "humanevalpack_explain", "--data", "builtin", "--row", "1")
    first, second = shown(*args)["prompts"]
    assert first["prompt"].startswith("Question: Provide a concise natural language description")
    assert "<what the model wrote>" in second["prompt"]
    assert "stage 2" in run(*args).stdout


def test_a_row_that_is_not_there_is_told() -> None:
    error = run("evaluators", "humanevalpack_fix", "--data", "builtin", "--row", "5").exception
    assert "has the rows 0 to 4" in str(error)
