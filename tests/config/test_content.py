"""Names and paths of studies, search spaces and evaluators."""

from pathlib import Path

import pytest

from astraios_ray.config import content
from astraios_ray.errors import ConfigError


def test_a_name_is_a_built_in_file() -> None:
    assert content.resolve("study", "quickstart").name == "quickstart.yaml"
    assert content.resolve("space", "lora").parent.name == "search_spaces"
    assert content.resolve("evaluator", "primer").name == "primer.py"


def test_a_path_is_itself(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text("")
    assert content.resolve("evaluator", path) == path


def test_a_path_without_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        content.resolve("evaluator", tmp_path / "mine.py")


def test_a_folder_is_refused_as_such(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is a folder"):
        content.resolve("study", f"{tmp_path}/")


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"did you mean 'lora'\?\); known are adapter_h, "):
        content.resolve("space", "lroa")


def test_studies_are_no_search_spaces() -> None:
    assert "quickstart" in content.names("study")
    assert not set(content.names("study")) & set(content.names("space"))
