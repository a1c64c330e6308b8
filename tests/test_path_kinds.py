"""A path that no file can have is no error of the operating system, wherever a study names one."""

import os
from pathlib import Path

import pytest

from astraios_ray.config.content import resolve
from astraios_ray.data.row_reader import read_rows
from astraios_ray.errors import ConfigError
from astraios_ray.models.model_source import find_source
from astraios_ray.path_kinds import exists, is_file, is_folder
from astraios_ray.records import DataRef, ModelRef

LONG = "a" * 5000


def test_a_name_that_is_too_long_is_nothing(tmp_path: Path) -> None:
    assert not any(question(tmp_path / LONG) for question in (exists, is_file, is_folder))
    assert exists(tmp_path) and is_folder(tmp_path) and not is_file(tmp_path)


def test_what_a_study_names_by_it_is_a_mistake() -> None:
    with pytest.raises(ConfigError, match="no evaluator is named"):
        resolve("evaluator", LONG)
    with pytest.raises(ConfigError, match="no such file"):
        resolve("evaluator", f"./{LONG}.py")
    with pytest.raises(ConfigError, match="there is no file"):
        read_rows(DataRef(f"./{LONG}.jsonl"))
    with pytest.raises(ConfigError, match="there is no folder"):
        find_source(ModelRef(f"./{LONG}"), None)


def test_a_pipe_is_no_study(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(ConfigError, match=r"pipe\.yaml: no ordinary file"):
        resolve("study", tmp_path / "pipe.yaml")
