"""Reading a study: what is filled in, made absolute, and kept."""

import pickle
import sys
from pathlib import Path
from subprocess import run

import pytest
import yaml

from astraios_ray.config.content import resolve
from astraios_ray.config.dialect import Range, Values
from astraios_ray.config.read_study import load_study
from astraios_ray.config.study import StudyConfig
from astraios_ray.errors import ConfigError
from tests.config.studies import GOOD, study_file, with_line


def test_a_range_and_a_list_are_read_as_such(tmp_path: Path) -> None:
    study = load_study(study_file(tmp_path))
    assert study.defaults["learning_rate"] == Range(min=1e-4, max=1e-2, log=True)
    assert study.methods["lora"] == {"r": Values(values=(4, 8))}


@pytest.mark.parametrize("block", ["", " null", " {}"])
def test_an_empty_block_is_the_methods_search_space(block: str, tmp_path: Path) -> None:
    study = load_study(study_file(tmp_path, with_line(10, f"  lora:{block}")))
    assert {"r", "learning_rate"} <= study.methods["lora"].keys()


def test_a_list_of_methods_is_their_search_spaces(tmp_path: Path) -> None:
    text = with_line(9, "methods: [lora, ia3]").replace("  lora: {r: [4, 8]}\n", "")
    study = load_study(study_file(tmp_path, text))
    assert list(study.methods) == ["lora", "ia3"]
    assert study.methods["lora"]


def test_a_block_that_is_given_replaces_the_search_space(tmp_path: Path) -> None:
    assert list(load_study(study_file(tmp_path)).methods["lora"]) == ["r"]


def test_an_empty_block_of_a_method_without_search_space_means_its_defaults(tmp_path: Path) -> None:
    study = load_study(study_file(tmp_path, GOOD + '  "peft:VERA": {}\n'))
    assert study.methods["peft:VERA"] == {}


def test_a_mistake_in_a_search_space_names_that_file(tmp_path: Path) -> None:
    study = load_study(study_file(tmp_path, with_line(10, "  lora:")))
    lines = resolve("space", "lora").read_text().splitlines()
    (number,) = [number for number, line in enumerate(lines, 1) if line.startswith("r:")]
    assert study.problem(("methods", "lora", "r"), "x").origin.endswith(f"lora.yaml:{number}")


def test_a_data_file_is_made_absolute_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rows.jsonl").write_text("{}")
    monkeypatch.chdir(tmp_path)
    study = load_study(study_file(tmp_path, with_line(4, "data: {train: rows.jsonl}")))
    assert study.data.train == str(tmp_path / "rows.jsonl")


def test_a_built_in_or_hub_name_stays_as_it_is(tmp_path: Path) -> None:
    study = load_study(study_file(tmp_path, with_line(3, "model: {id: a/b, revision: abc}")))
    assert (study.model.id, study.data.train) == ("a/b", "builtin:primer")


def test_a_resolved_study_is_the_same_study(tmp_path: Path) -> None:
    study = load_study(study_file(tmp_path))
    text = yaml.safe_dump(study.resolved())
    assert StudyConfig.model_validate(yaml.safe_load(text)) == study
    assert load_study(study_file(tmp_path, text)) == study


def test_a_study_survives_pickling_with_its_origins(tmp_path: Path) -> None:
    study = load_study(study_file(tmp_path))
    copy = pickle.loads(pickle.dumps(study))
    assert copy == study
    assert copy.problem(("budget",), "x") == study.problem(("budget",), "x")


def test_a_study_without_a_file_names_only_the_path(tmp_path: Path) -> None:
    study = StudyConfig.model_validate(load_study(study_file(tmp_path)).resolved())
    assert str(study.problem(("budget", "trials"), "too few")) == "budget.trials: too few"


@pytest.mark.parametrize("name", ["quickstart", "astraios", "lora_ranks"])
def test_a_built_in_study_is_found_by_name(name: str) -> None:
    assert load_study(name).name == name


def test_mistakes_are_told_before_anything_heavy_is_imported(tmp_path: Path) -> None:
    study_file(tmp_path, with_line(6, "budgte: {trials: 4}"))
    code = (
        "import sys\n"
        "from astraios_ray.config.read_study import load_study\n"
        "from astraios_ray.errors import ConfigError\n"
        "try: load_study('study.yaml')\n"
        "except ConfigError as error: print(error)\n"
        "print({'torch', 'ray', 'mlflow', 'optuna', 'peft', 'transformers'} & set(sys.modules))\n"
    )
    root = str(Path(__file__).parents[2])
    process = run(
        [sys.executable, "-c", code], cwd=tmp_path, env={"PYTHONPATH": root}, capture_output=True, text=True
    )
    assert "study.yaml:6: budgte: unknown key (did you mean 'budget'?)" in process.stdout
    assert process.stdout.endswith("set()\n"), process.stdout + process.stderr


def test_a_problem_of_a_value_is_told_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        load_study(study_file(tmp_path, with_line(6, "budget: {trials: 1e2}")))
    assert str(error.value).count("\n") == 0
