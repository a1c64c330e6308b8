"""A study that extends another: what is kept, what is replaced, and where mistakes are placed."""

from pathlib import Path

import pytest

from astraios_ray.config.read_study import load_study
from astraios_ray.config.study import StudyConfig
from astraios_ray.errors import ConfigError
from tests.config.studies import GOOD, study_file

TWO_METHODS = GOOD + "  ia3: {learning_rate: 0.01}\n"


def extended(folder: Path, text: str, base: str = TWO_METHODS) -> StudyConfig:
    """The study of ``text``, which extends ``base`` in a file beside it."""
    study_file(folder, base)
    (folder / "mine.yaml").write_text(f"extends: ./study.yaml\nname: mine\n{text}")
    return load_study(folder / "mine.yaml")


def test_what_is_not_said_is_as_in_the_other(tmp_path: Path) -> None:
    study, base = extended(tmp_path, ""), load_study(tmp_path / "study.yaml")
    assert study == base.model_copy(update={"name": "mine"})


def test_a_key_of_a_section_leaves_its_neighbours(tmp_path: Path) -> None:
    study = extended(tmp_path, "training: {max_steps: 200}\nbudget: {trials: 9}\n")
    assert (study.training.max_steps, study.training.warmup_steps, study.budget.trials) == (200, 5, 9)


def test_a_block_of_a_method_replaces_that_methods(tmp_path: Path) -> None:
    study = extended(tmp_path, "methods:\n  ia3: {learning_rate: 0.02}\n  parallel: {}\n")
    assert list(study.methods) == ["lora", "ia3", "parallel"]
    assert study.methods["ia3"] == {"learning_rate": 0.02}
    assert study.methods["parallel"], "an empty block is the built-in search space"


def test_a_list_of_methods_keeps_these_alone(tmp_path: Path) -> None:
    study = extended(tmp_path, "methods: [ia3]\n")
    assert study.methods == {"ia3": {"learning_rate": 0.01}}


def test_the_name_is_not_inherited(tmp_path: Path) -> None:
    study_file(tmp_path)
    (tmp_path / "mine.yaml").write_text("extends: ./study.yaml\n")
    with pytest.raises(ConfigError, match=r"mine\.yaml:1: name: this key is missing"):
        load_study(tmp_path / "mine.yaml")


def test_each_mistake_is_placed_in_its_own_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        extended(tmp_path, "training: {warmup_steps: -1}\n", GOOD.replace("trials: 4", "trials: x"))
    assert "mine.yaml:3: training.warmup_steps" in str(error.value)
    assert "study.yaml:6: budget.trials" in str(error.value)


def test_a_study_extends_one_that_extends_a_built_in_one(tmp_path: Path) -> None:
    study = extended(tmp_path, "lanes: {slots: 2}\n", "extends: quickstart\nname: base\noutput: elsewhere\n")
    assert (study.name, study.output, study.lanes.slots) == ("mine", "elsewhere", 2)
    assert study.data == load_study("quickstart").data


def test_a_circle_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"mine\.yaml extends .*study\.yaml extends .*mine\.yaml"):
        extended(tmp_path, "", "extends: ./mine.yaml\nname: base\n")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("[quickstart]", "found a list; write the name of a built-in study or a path"),
        ("quickstar", "no study is named 'quickstar'.*quickstart"),
        ("./stdy.yaml", r".*stdy\.yaml: no such file.*study\.yaml"),
    ],
)
def test_what_cannot_be_extended_is_an_error_with_its_place(value: str, text: str, tmp_path: Path) -> None:
    study_file(tmp_path)
    (tmp_path / "mine.yaml").write_text(f"name: mine\nextends: {value}\n")
    with pytest.raises(ConfigError, match=rf"mine\.yaml:2: extends: {text}"):
        load_study(tmp_path / "mine.yaml")
