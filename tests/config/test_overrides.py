"""``--set``: what a flag may change, and how a wrong one is named."""

from pathlib import Path

import pytest

from astraios_ray.config.dialect import Range, Values
from astraios_ray.config.overrides import Override, parsed
from astraios_ray.config.read_study import load_study
from astraios_ray.config.study import StudyConfig
from astraios_ray.errors import ConfigError
from tests.config.studies import GOOD, study_file, with_line


def changed(folder: Path, *flags: str, text: str = GOOD) -> StudyConfig:
    return load_study(study_file(folder, text), flags)


def refused(folder: Path, *flags: str) -> list[str]:
    with pytest.raises(ConfigError) as error:
        changed(folder, *flags)
    return str(error.value).splitlines()


def test_a_value_inside_a_method_is_replaced(tmp_path: Path) -> None:
    study = changed(tmp_path, "methods.lora.r.values=[16]")
    assert study.methods["lora"]["r"] == Values(values=(16,))


def test_a_value_inside_a_search_space_file_is_replaced_and_the_rest_kept(tmp_path: Path) -> None:
    study = changed(tmp_path, "methods.lora.r.values=[64]", text=with_line(10, "  lora:"))
    assert study.methods["lora"]["r"] == Values(values=(64,))
    assert "dropout" in study.methods["lora"]


def test_a_constant_replaces_a_range(tmp_path: Path) -> None:
    assert changed(tmp_path, "defaults.learning_rate=1.0e-3").defaults == {"learning_rate": 1e-3}


def test_one_bound_of_a_range_is_replaced(tmp_path: Path) -> None:
    study = changed(tmp_path, "defaults.learning_rate.max=0.1")
    assert study.defaults["learning_rate"] == Range(min=1e-4, max=0.1, log=True)


def test_an_empty_list_is_a_value(tmp_path: Path) -> None:
    text = GOOD + "evaluate: {tasks: [primer]}\n"
    assert changed(tmp_path, "evaluate.tasks=[]", text=text).evaluate.tasks == ()


def test_a_missing_section_is_made(tmp_path: Path) -> None:
    assert changed(tmp_path, "lanes.count=2").lanes.count == 2


def test_the_last_flag_wins(tmp_path: Path) -> None:
    assert changed(tmp_path, "budget.trials=5", "budget.trials=6").budget.trials == 6


def test_a_value_with_an_equals_sign_is_kept_whole(tmp_path: Path) -> None:
    study = changed(tmp_path, "tracking.uri=http://x/?a=b")
    assert study.tracking.uri == "http://x/?a=b"


def test_a_list_entry_is_reached_by_its_number(tmp_path: Path) -> None:
    text = GOOD + "enqueue: [{method: lora, r: 4}, {method: lora, r: 8}]\n"
    assert changed(tmp_path, "enqueue.1.r=16", text=text).enqueue[1] == {"method": "lora", "r": 16}


def test_a_list_of_methods_picks_them_and_keeps_their_blocks(tmp_path: Path) -> None:
    study = changed(tmp_path, "methods=[ia3, lora]", "methods.lora.alpha=8")
    assert list(study.methods) == ["ia3", "lora"]
    assert study.methods["lora"] == {"r": Values(values=(4, 8)), "alpha": 8}
    assert study.methods["ia3"]


def test_a_method_of_peft_is_added(tmp_path: Path) -> None:
    assert changed(tmp_path, "methods.peft:VERA.r=8").methods["peft:VERA"] == {"r": 8}


def test_a_flag_mends_what_the_file_has_wrong(tmp_path: Path) -> None:
    assert changed(tmp_path, "budget.trials=4", text=with_line(6, "budget: {trials: x}")).budget.trials == 4


@pytest.mark.parametrize(
    ("flag", "message"),
    [
        ("budget.trials", "--set budget.trials: expected key.key=VALUE"),
        ("=4", "--set =4: expected key.key=VALUE"),
        ("budget..trials=4", "--set budget..trials=4: expected key.key=VALUE"),
        ("budget.trials=", "--set budget.trials=: budget.trials: no value after '='"),
        ("budget.trials=x", "--set budget.trials=x: budget.trials: expected a whole number, found text 'x'"),
        ("budget.trails=4", "--set budget.trails=4: budget.trails: unknown key (did you mean 'trials'?)"),
        ("training.learning_rate=1e-4", "training.learning_rate: `1e-4` is text in YAML 1.1; write 1.0e-4"),
        ("name=!!python/name:os.system", "--set name=!!python/name:os.system: name: the tag"),
        ("methods.lora.r=[4", "--set methods.lora.r=[4: methods.lora.r: not readable as YAML"),
        ("methods.lora.r={min: 4, max: 2}", "methods.lora.r: min 4 is not below max 2; swap the two"),
        ("model.id.x=3", "--set model.id.x=3: model.id: expected text, found a mapping"),
        ("training.warmup_steps=100", "--set training.warmup_steps=100: training.warmup_steps: 100 steps"),
    ],
)
def test_a_wrong_flag_is_named(flag: str, message: str, tmp_path: Path) -> None:
    lines = refused(tmp_path, flag)
    assert any(message in line for line in lines), lines
    assert all(line.startswith(f"--set {flag}:") for line in lines)


def test_mistakes_of_flags_and_file_are_told_together(tmp_path: Path) -> None:
    path = study_file(tmp_path, with_line(6, "budget: {trials: x}"))
    with pytest.raises(ConfigError) as error:
        load_study(path, ["name=a/b"])
    assert sorted(line.split(":")[0] for line in str(error.value).splitlines()) == [
        "--set name=a/b",
        str(path),
    ]


def test_a_mapping_of_a_program_says_the_same_as_flags(tmp_path: Path) -> None:
    path = study_file(tmp_path, GOOD)
    values = {"methods": {"lora": {"r": [4, 8]}, "ia3": {}}, "training.max_steps": 30, "budget.trials": 9}
    flags = ["methods={lora: {r: [4, 8]}, ia3: {}}", "training.max_steps=30", "budget.trials=9"]
    assert load_study(path, values) == load_study(path, flags)


@pytest.mark.parametrize("value", ["1e-4", "yes", "null", "a: b", "[1]", "", "#", 1e-5, True, None, (1, 2)])
def test_a_value_of_a_program_keeps_its_type(value: object, tmp_path: Path) -> None:
    (override,) = parsed({"a.b": value})
    assert isinstance(override, Override)
    assert override.document.value == value and type(override.document.value) is type(value)


def test_a_path_is_text(tmp_path: Path) -> None:
    (override,) = parsed({"data.train": tmp_path / "rows.jsonl"})
    assert isinstance(override, Override)
    assert override.document.value == str(tmp_path / "rows.jsonl")


def test_all_mistakes_of_a_mapping_are_told_at_once_by_their_keys(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        load_study(study_file(tmp_path, GOOD), {"budget.trials": 0, "training..x": 1, "name": object()})
    lines = str(error.value).splitlines()
    assert any(line.startswith("overrides['budget.trials']: budget.trials:") for line in lines)
    assert any(line.startswith("overrides['training..x']: ") and "expected key.key" in line for line in lines)
    assert any(line.startswith("overrides['name']: name: found object;") for line in lines)
