"""Digests of rows, evaluators and adapters follow their contents, not their names."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from astraios_ray.config.tasks import Task
from astraios_ray.data.row_reader import read_rows
from astraios_ray.evaluation.loading import load_problems, read_problems
from astraios_ray.records import DataRef
from astraios_ray.trial.contents import contents_of_adapter, contents_of_study, contents_of_task
from tests.fakes.backends import write_rows
from tests.fakes.echo import ROWS, write_echo
from tests.fakes.studies import study


def of_study(rows: Path, validation: Path | None = None) -> dict[str, str]:
    data = {"train": str(rows), "validation": validation and str(validation)}
    contents: dict[str, str] = contents_of_study(study(data=data), read_rows(DataRef(str(rows))), {})["data"]
    return contents


def of_task(evaluator: Path, rows: Path) -> dict[str, str]:
    task = Task(str(evaluator), {"data": str(rows)})
    return contents_of_task(task, list(read_problems(str(task)).values()))


def test_rows_are_known_by_their_texts_wherever_they_lie(tmp_path: Path) -> None:
    rows = write_rows(tmp_path / "rows.jsonl")
    lines = [json.loads(line) for line in rows.read_text().splitlines()]
    moved = tmp_path / "moved.jsonl"
    moved.write_text("\n".join(json.dumps({"note": 1, **line}) for line in lines) + "\n")
    assert of_study(moved) == of_study(rows)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("adds 7", "adds seven"),
        lambda text: "".join(reversed(text.splitlines(keepends=True))),
        lambda text: text.split("\n", 1)[1],
    ],
    ids=["a word", "the order", "a row less"],
)
def test_other_training_and_validation_rows_are_other_contents(
    change: Callable[[str], str], tmp_path: Path
) -> None:
    rows, other = write_rows(tmp_path / "rows.jsonl"), tmp_path / "other.jsonl"
    other.write_text(change(rows.read_text()))
    one, with_validation = of_study(rows), of_study(rows, rows)
    assert of_study(other)["train"] != one["train"] == with_validation["train"]
    assert of_study(rows, other)["validation"] != with_validation["validation"]
    assert "validation" not in one


def test_a_row_that_is_cut_elsewhere_is_another(tmp_path: Path) -> None:
    paths = [tmp_path / "one.jsonl", tmp_path / "other.jsonl"]
    for path, (prompt, completion) in zip(paths, [("ab", "c"), ("a", "bc")], strict=True):
        path.write_text(json.dumps({"prompt": prompt, "completion": completion}) + "\n")
    assert of_study(paths[0]) != of_study(paths[1])


def test_an_evaluator_is_known_by_its_file_and_by_its_problems(tmp_path: Path) -> None:
    evaluator, rows = write_echo(tmp_path)
    before = of_task(evaluator, rows)
    assert of_task(evaluator, rows) == before
    rows.write_text(ROWS.replace("two", "three"))
    other_rows = of_task(evaluator, rows)
    assert [name for name in before if before[name] != other_rows[name]] == ["rows"]
    evaluator.write_text(evaluator.read_text().replace("stop: tuple[str, ...] = ()", 'stop = ("#",)'))
    other_code = of_task(evaluator, rows)
    assert [name for name in before if other_rows[name] != other_code[name]] == ["evaluator"]


def test_problems_that_were_read_anew_are_those_that_are_judged(tmp_path: Path) -> None:
    evaluator, rows = write_echo(tmp_path)
    task = str(Task(str(evaluator), {"data": str(rows)}))
    assert load_problems(task)["b"].prompt == "def two"
    rows.write_text(ROWS.replace("two", "three"))
    assert read_problems(task)["b"].prompt == "def three"
    assert load_problems(task)["b"].prompt == "def three"


def test_an_adapter_is_known_by_its_settings_and_tensors(tmp_path: Path) -> None:
    adapter = tmp_path / "adapter"
    adapter.mkdir()
    for name in ("adapter_config.json", "adapter_model.safetensors", "README.md"):
        (adapter / name).write_text("one")
    before = contents_of_adapter(adapter)
    assert contents_of_adapter(Path(shutil.copytree(adapter, tmp_path / "copy"))) == before
    (adapter / "README.md").write_text("other")
    assert contents_of_adapter(adapter) == before
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        (adapter / name).write_text("other")
        assert contents_of_adapter(adapter) != before
        (adapter / name).write_text("one")


def test_the_digest_of_prompts_and_completions_is_that_of_folders_that_are_there(tmp_path: Path) -> None:
    """Each text after its length, as run folders noted it before rows had turns."""
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps({"prompt": "pé", "completion": "c"}) + "\n")
    assert of_study(rows)["train"] == hashlib.sha256(b"3\np\xc3\xa91\nc").hexdigest()


def test_roles_are_contents(tmp_path: Path) -> None:
    paths = [tmp_path / "one.jsonl", tmp_path / "other.jsonl"]
    for path, role in zip(paths, ("system", "user"), strict=True):
        roles = (role, "user", "assistant")
        path.write_text(json.dumps({"messages": [{"role": r, "content": "a"} for r in roles]}) + "\n")
    one, other = map(of_study, paths)
    assert one != other


def test_every_file_of_a_folder_is_contents(tmp_path: Path) -> None:
    folder = tmp_path / "code"
    (folder / "deep").mkdir(parents=True)
    for name in ("a.py", "deep/b.py"):
        (folder / name).write_text(f"# {name}\n")
    before = of_study(folder)
    (folder / "deep" / "b.py").write_text("# another\n")
    assert of_study(folder) != before
