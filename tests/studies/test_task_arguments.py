"""The task of a command line: options, and where rows lie, in their order."""

from pathlib import Path

import pytest

from astraios_ray.errors import ConfigError
from astraios_ray.studies.load_study import read_study
from astraios_ray.studies.task_arguments import task_from_arguments

FIX = "humanevalpack_fix"


def test_options_of_the_flag_win_over_those_of_the_name() -> None:
    task = task_from_arguments(f"{FIX}?language=python", ("language=java",), None, None)
    assert str(task) == f"{FIX}?language=java"


def test_a_file_wins_over_a_folder(tmp_path: Path) -> None:
    assert task_from_arguments(FIX, (), "builtin", tmp_path).options == {"data": "builtin"}
    assert task_from_arguments(FIX, (), None, tmp_path).options == {"data_root": str(tmp_path)}
    assert task_from_arguments(f"{FIX}?data=builtin", (), None, tmp_path).options == {"data": "builtin"}


def test_an_evaluator_without_rows_needs_no_folder(tmp_path: Path) -> None:
    assert str(task_from_arguments("primer", (), None, tmp_path)) == "primer"


@pytest.mark.parametrize("option", ["language", "=java"])
def test_an_option_without_name_or_value_is_refused(option: str) -> None:
    with pytest.raises(ConfigError, match="expected KEY=VALUE"):
        task_from_arguments(FIX, (option,), None, None)


def test_a_study_takes_rows_from_the_folder_that_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = f"evaluate.tasks=[primer, {FIX}, '{FIX}?language=java&data=builtin']"
    monkeypatch.setenv("ASTRAIOS_RAY_DATA", str(tmp_path))
    study, _ = read_study("quickstart", [tasks])
    assert study.evaluate.tasks == (
        "primer",
        f"{FIX}?data_root={tmp_path}",
        f"{FIX}?language=java&data=builtin",
    )
    monkeypatch.delenv("ASTRAIOS_RAY_DATA")
    study, _ = read_study("quickstart", [tasks])
    assert study.evaluate.tasks[1] == FIX
