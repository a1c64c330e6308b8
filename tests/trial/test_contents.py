"""What decides results behind names: rows, evaluators and adapters, each by its content."""

import shutil
from pathlib import Path

from astraios_ray.config.tasks import Task
from astraios_ray.evaluation.loading import load_problems, read_problems
from astraios_ray.trial.contents import contents_of_adapter, contents_of_task
from tests.fakes.echo import ROWS, write_echo


def of_task(evaluator: Path, rows: Path) -> dict[str, str]:
    task = Task(str(evaluator), {"data": str(rows)})
    return contents_of_task(task, list(read_problems(str(task)).values()))


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
