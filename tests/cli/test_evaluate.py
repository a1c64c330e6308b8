"""A model answers, going on where it was, and is scored; evaluators and their prompts are shown."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from astraios_ray.cli.main import cli
from astraios_ray.errors import ConfigError, StudyChanged
from astraios_ray.methods.method import build
from astraios_ray.models.load_base import load_base
from astraios_ray.records import DataRef, ModelRef, Recipe, TrialSpec, encode
from astraios_ray.trial.contents import contents_of_model
from astraios_ray.trial.exported import SPEC_FILE
from astraios_ray.trial.trained_contents import write_base
from tests.fakes.backends import write_model
from tests.fakes.byte_tokenizers import byte_tokenizer
from tests.fakes.echo import ROWS, write_echo
from tests.fakes.hub import cached
from tests.fakes.rewriting import copy_again, flip_a_bit, rename_a_token, train_anew

FEW = ("--samples", "2", "--max-new-tokens", "6", "--limit", "2", "--quiet")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model") / "nano")


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, list(args))


def json_of(*args: str) -> Any:
    result = run(*args, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("task", ["primer", "humanevalpack_explain?data=builtin"])
def test_a_model_answers_and_is_scored(task: str, model: Path, tmp_path: Path) -> None:
    answer = json_of("evaluate", task, "--model", str(model), *FEW, "--out", str(tmp_path))
    counts = {"pass_at_1": 2, "problems": 2, "samples": 2, "unscored": 0, "unsupported": 0}
    assert answer["denominators"] == counts
    assert answer["provenance"]["sampling"]["max_new_tokens"] == 6
    assert json.loads((tmp_path / "score.json").read_text()) == answer
    assert len((tmp_path / "completions.jsonl").read_text().splitlines()) == 4


@pytest.mark.usefixtures("sandbox")
def test_what_is_written_is_not_written_again_and_can_be_scored_alone(model: Path, tmp_path: Path) -> None:
    args = ("evaluate", "primer", "--model", str(model), "--out", str(tmp_path))
    json_of(*args, *FEW)
    path = tmp_path / "completions.jsonl"
    first = path.read_text()
    path.write_text(first.replace("\\n", "\\n\\n"))  # a mark, to tell old texts from new ones
    marked = path.read_text()
    extended = json_of(*args, *FEW[:4], "--limit", "3", "--quiet")
    assert extended["denominators"]["problems"] == 3
    assert path.read_text().startswith(marked)
    rescored = json_of("score", "primer", "--generations", str(path), "--limit", "3")
    assert rescored["scores"] == extended["scores"]


def test_a_folder_of_other_answers_is_refused(model: Path, tmp_path: Path) -> None:
    (tmp_path / "asked.json").write_text('{"task": "another"}')
    error = run("evaluate", "primer", "--model", str(model), *FEW, "--out", str(tmp_path)).exception
    assert isinstance(error, ConfigError)
    assert "task was 'another', is 'primer'" in str(error)


@pytest.mark.usefixtures("sandbox")
def test_answers_to_prompts_that_began_otherwise_are_refused(tmp_path: Path) -> None:
    model, out = write_model(tmp_path / "model"), tmp_path / "out"
    args = ("evaluate", "primer", "--model", str(model), *FEW, "--out", str(out))
    json_of(*args)
    assert "prompts_begin" not in json.loads((out / "asked.json").read_text())
    byte_tokenizer("bos").save_pretrained(model)
    error = run(*args).exception
    assert isinstance(error, ConfigError)
    assert "prompts_begin was None, is ['<s>']" in str(error)


ECHO = ("--samples", "1", "--max-new-tokens", "2", "--quiet")


@pytest.fixture
def command(model: Path, tmp_path: Path) -> tuple[str, ...]:
    """A command with files for model, adapter, evaluator and rows; its answers are in ``out``."""
    evaluator, rows = write_echo(tmp_path)
    base = Path(shutil.copytree(model, tmp_path / "model"))
    adapter = tune(base, tmp_path / "adapter", rank=2)
    args = ("evaluate", str(evaluator), "--data", str(rows), "--model", str(base), "--adapter", str(adapter))
    arguments = (*args, *ECHO, "--out", str(tmp_path / "out"))
    assert json_of(*arguments)["scores"] == {"pass_at_1": 1.0}
    return arguments


def tune(base: Path, folder: Path, rank: int) -> Path:
    loaded = load_base(ModelRef(str(base)))
    build("lora", {"r": rank}).apply(loaded.model, loaded.target_modules, seed=0).save(folder)
    spec = TrialSpec("s", 1, "lora", {"r": rank}, Recipe(), ModelRef(str(base)), DataRef("builtin:primer"))
    (folder / SPEC_FILE).write_text(json.dumps(encode(spec)))
    return folder


def replace_in(file: Path, old: str, new: str) -> None:
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda place: train_anew(place / "model"), "model (weights)"),
        (lambda place: flip_a_bit(place / "model" / "model.safetensors"), "model (weights)"),
        (lambda place: rename_a_token(place / "model"), "model (tokenizer)"),
        (lambda place: tune(place / "model", place / "adapter", rank=4), "adapter (files)"),
        (lambda place: replace_in(place / "echo.jsonl", "def two", "def three"), "task (rows)"),
        (lambda place: replace_in(place / "echo.py", "Repeats", "Says again"), "task (evaluator)"),
    ],
    ids=["trained anew", "a bit in the middle", "tokenizer", "adapter", "rows", "evaluator"],
)
def test_answers_of_what_is_gone_are_refused_and_kept_aside_by_fresh(
    change: Callable[[Path], object], words: str, command: tuple[str, ...], tmp_path: Path
) -> None:
    before = (tmp_path / "out" / "completions.jsonl").read_bytes()
    change(tmp_path)
    error = run(*command).exception
    assert isinstance(error, ConfigError)
    assert f"from before the contents of {words} changed" in str(error)
    assert json_of(*command, "--fresh")["denominators"]["problems"] == 2
    (backup,) = tmp_path.glob("out.*")
    assert (backup / "completions.jsonl").read_bytes() == before
    assert not run(*command).exception


def test_the_same_contents_written_again_go_on(command: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "out" / "completions.jsonl"
    copy_again(tmp_path / "model")
    copy_again(tmp_path / "adapter")
    (tmp_path / "echo.jsonl").write_text(ROWS)
    before = path.read_bytes()
    contents = json_of(*command)["provenance"]["contents"]
    assert path.read_bytes() == before
    assert {name: sorted(contents[name]) for name in contents} == {
        "task": ["evaluator", "rows"],
        "model": ["tokenizer", "weights"],
        "adapter": ["files"],
    }


def test_an_exported_adapter_is_not_evaluated_on_a_base_that_has_changed(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    write_base(tmp_path / "adapter", {"model": contents_of_model(ModelRef(str(tmp_path / "model")))})
    without_model = [part for part in command if part not in ("--model", str(tmp_path / "model"))]
    assert not run(*without_model).exception
    train_anew(tmp_path / "model")
    error = run(*without_model, "--fresh").exception
    assert isinstance(error, StudyChanged)
    assert f"{tmp_path / 'adapter'} was trained with other contents" in str(error)
    assert "  model.weights: the content was " in str(error)
    assert not list(tmp_path.glob("out.*"))  # the answers of before stay where they are
    assert not run(*without_model, "--fresh", "--despite-changes").exception


def test_a_branch_that_moved_on_the_hub_is_another_model(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit, (evaluator, rows) = cached(model, tmp_path, monkeypatch), write_echo(tmp_path)
    of_main = ("--model", "some/model", "--revision", "main", "--out", str(tmp_path / "out"))
    command = ("evaluate", str(evaluator), "--data", str(rows), *of_main, *ECHO)
    assert json_of(*command)["provenance"]["contents"]["model"] == {"commit": commit}
    assert not run(*command).exception
    place = tmp_path / "models--some--model"
    shutil.copytree(place / "snapshots" / commit, place / "snapshots" / ("f" * 40))
    (place / "refs" / "main").write_text("f" * 40)
    assert "contents of model (commit) changed" in str(run(*command).exception)


def test_fresh_leaves_a_folder_alone_that_holds_no_answers(model: Path, tmp_path: Path) -> None:
    evaluator, rows = write_echo(tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "note").write_text("mine")
    args = ("evaluate", str(evaluator), "--data", str(rows), "--model", str(model), *ECHO)
    json_of(*args, "--out", str(tmp_path / "out"), "--fresh")
    assert (tmp_path / "out" / "note").read_text() == "mine"


def test_all_evaluators_are_listed_with_their_options() -> None:
    listed = {one["name"]: one for one in json_of("evaluators")}
    assert listed["primer"]["options"] == {"held_out": False}
    assert listed["humanevalpack_fix"]["options"]["language"] == "python"
    assert all(one["summary"] for one in listed.values())
    assert "humanevalpack_fix: HumanEvalPack fix" in run("evaluators").stdout


def test_the_prompts_of_one_problem_are_shown_with_both_stages() -> None:
    args = ("evaluators", "humanevalpack_explain", "--data", "builtin", "--row", "1")
    first, second = json_of(*args)["prompts"]
    assert first["prompt"].startswith("Question: Provide a concise natural language description")
    assert "<what the model wrote>" in second["prompt"]
    assert "stage 2" in run(*args).stdout


def test_a_row_that_is_not_there_is_told() -> None:
    error = run("evaluators", "humanevalpack_fix", "--data", "builtin", "--row", "5").exception
    assert "has the rows 0 to 4" in str(error)


def test_a_model_is_evaluated_in_the_template_that_is_given(model: Path, tmp_path: Path) -> None:
    evaluator, rows = write_echo(tmp_path)
    args = ("evaluate", str(evaluator), "--data", str(rows), "--model", str(model), *ECHO)
    out = ("--out", str(tmp_path / "out"))
    as_trained = json_of(*args, *out)["provenance"]
    assert "template" not in as_trained
    error = run(*args, *out, "--template", "none").exception
    assert isinstance(error, ConfigError)
    other = json_of(*args, "--out", str(tmp_path / "other"), "--template", "none")["provenance"]
    assert (other["template"], other["system"]) == ("none", None)
    assert "there is no variable" in str(run(*args, *out, "--fresh", "--template", "{{ promt }}").exception)
