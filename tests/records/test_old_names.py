"""What version 0.1 wrote is read with the names of today."""

import hashlib
import json
import logging
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from astraios_ray.config.read_study import load_study
from astraios_ray.errors import ConfigError, StudyChanged
from astraios_ray.records import MethodTraits, ModelRef, TargetModules, TrialSpec, Value, encode
from astraios_ray.records.old_names import with_new_names
from astraios_ray.search.folder import StudyFolder
from astraios_ray.search.journal import FORMAT, Journal, read_journal
from astraios_ray.search.replay import replay_folder
from astraios_ray.training.checkpoints import fingerprint
from astraios_ray.trial.exported import SPEC_FILE, read_spec
from astraios_ray.trial.spec_reader import spec_of
from tests.fakes.old_folders import age, with_old_names
from tests.fakes.run_folders import finished
from tests.fakes.studies import board, study
from tests.training.trials import trial

OWN = TargetModules("Mine", ("q",), ("o",), ("up",), ("down",), ("k",))
STUDY = """version: 1
name: old
model: {{id: builtin:nano-xs, {modules}: {{architecture: Mine, attention_in: [q], attention_out: [o],
  mlp_in: [u], mlp_out: [d], key_value: [k]}}}}
data: {{train: builtin:primer}}
budget: {{trials: 4}}
search: {{{bracket}: 2}}
methods: {{lora: {{}}}}
evaluate: {{tasks: []}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return finished(tmp_path / "small", {"t0000": 0.5}, seconds=3.0)


def test_an_old_run_folder_says_what_the_new_one_says(folder: Path) -> None:
    (folder / "status.json").write_text(json.dumps({"phase": "search", "paused": 2}))
    before = replay_folder(folder)
    age(folder)
    assert '"kind": "stretch"' in (folder / "journal.jsonl").read_text()
    assert '"parked": 2' in (folder / "status.json").read_text()
    assert replay_folder(folder) == before


def test_a_search_goes_on_from_an_old_journal(folder: Path) -> None:
    new = board(folder)
    age(folder)
    old = board(folder)
    assert old.results == new.results
    assert old.results


def test_one_warning_names_the_new_words(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    list(read_journal(folder / "journal.jsonl"))
    assert not caplog.messages
    age(folder)
    list(read_journal(folder / "journal.jsonl"))
    (warning,) = caplog.messages
    assert "stretch is read as train_report" in warning


def test_records_behind_a_session_of_today_are_left_as_they_are(folder: Path) -> None:
    age(folder)
    before = (folder / "journal.jsonl").read_bytes()
    journal = StudyFolder(folder).journal
    writer = Journal(journal)
    writer.write("session", format=FORMAT, at=0.0)
    writer.write("scored", places=1)
    writer.close()
    assert journal.read_bytes().startswith(before)
    assert list(read_journal(journal))[-1] == {"kind": "scored", "places": 1}


def test_an_old_folder_holds_the_same_study(folder: Path) -> None:
    age(folder)
    assert "cohort: auto" in (folder / "resolved.yaml").read_text()
    assert "template" not in (folder / "resolved.yaml").read_text()
    StudyFolder(folder).adopt(study().resolved(), extend=False)
    assert "bracket: auto" in (folder / "resolved.yaml").read_text()


def test_a_folder_that_does_not_say_what_programs_import_holds_the_same_study(folder: Path) -> None:
    resolved = study().resolved()
    without = {key: value for key, value in resolved.items() if key != "sandbox"}
    (folder / "resolved.yaml").write_text(yaml.safe_dump(without))
    StudyFolder(folder).adopt(resolved, extend=False)
    (folder / "resolved.yaml").write_text(yaml.safe_dump(without))
    with pytest.raises(StudyChanged, match="python: numpy"):
        StudyFolder(folder).adopt({**resolved, "sandbox": {"python": "numpy"}}, extend=False)


@pytest.mark.parametrize(("packing", "goes_on"), [("rows", True), ("blocks", False)])
def test_an_old_study_of_blocks_did_not_isolate_its_documents(
    tmp_path: Path, packing: str, goes_on: bool
) -> None:
    data = {"train": "builtin:primer", "packing": packing}
    made = finished(tmp_path / "old", {"t0000": 0.5}, seconds=3.0)
    (made / "resolved.yaml").write_text(yaml.safe_dump(study(data=data).resolved()))
    age(made)
    assert "isolate_documents" not in (made / "resolved.yaml").read_text()
    with nullcontext() if goes_on else pytest.raises(StudyChanged, match="isolate_documents: false"):
        StudyFolder(made).adopt(study(data=data).resolved(), extend=False)
    isolated = {**data, "isolate_documents": goes_on}
    StudyFolder(made).adopt(study(data=isolated).resolved(), extend=False)


def test_checkpoints_of_old_trials_are_known() -> None:
    """By the digest that version 0.1 wrote into them."""
    spec = trial("lora")
    old = json.dumps(with_old_names(encode(spec)), sort_keys=True)
    assert fingerprint(spec) == hashlib.sha256(old.encode()).hexdigest()


def test_a_repeat_has_the_checkpoints_of_version_0_1() -> None:
    spec = replace(trial("lora"), number=10_007, seed=1)
    assert fingerprint(replace(spec, repeat_of="t0007")) == fingerprint(spec)


def test_an_old_export_of_a_repeat_says_what_it_repeats(tmp_path: Path) -> None:
    spec = replace(trial("lora"), number=20_007, seed=2)
    (tmp_path / SPEC_FILE).write_text(json.dumps(with_old_names(encode(spec))))
    assert read_spec(tmp_path) == replace(spec, repeat_of="t0007")
    (tmp_path / SPEC_FILE).write_text(json.dumps(encode(spec)))  # of a study of so many trials
    assert read_spec(tmp_path) == spec


def test_an_old_export_is_read(tmp_path: Path) -> None:
    made = trial("lora")
    spec = TrialSpec(
        made.study, 0, "lora", made.hyperparameters, made.recipe, ModelRef("m", target_modules=OWN), made.data
    )
    text = json.dumps(with_old_names(encode(spec)))
    assert '"places": {' in text
    (tmp_path / SPEC_FILE).write_text(text)
    assert read_spec(tmp_path) == spec


def without_traits(method: str, **hyperparameters: Value) -> dict[str, Any]:
    spec: dict[str, Any] = encode(replace(trial("lora"), method=method, hyperparameters=hyperparameters))
    del spec["traits"]
    return spec


def test_a_spec_without_traits_gets_those_of_its_method() -> None:
    assert spec_of(without_traits("full")).traits.trains_whole_model
    assert spec_of(without_traits("lora", r=4)).traits.shares_base
    assert not spec_of(without_traits("peft:LORA", bias="all")).traits.shares_base
    assert not spec_of(without_traits("adapter_p")).traits.merges


def test_recorded_traits_stay_and_need_no_method() -> None:
    spec = replace(trial("lora"), method="gone", traits=MethodTraits(shares_base=False))
    assert spec_of(encode(spec)) == spec


def test_a_spec_without_traits_of_a_method_that_is_gone_is_read_with_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert spec_of(without_traits("gone")).traits == MethodTraits()
    (warning,) = caplog.messages
    assert "No method is named 'gone'" in warning


def test_old_keys_of_a_study_file_are_read_with_a_warning_each(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    new, old = tmp_path / "new.yaml", tmp_path / "old.yaml"
    new.write_text(STUDY.format(modules="target_modules", bracket="bracket"))
    old.write_text(STUDY.format(modules="places", bracket="cohort"))
    with caplog.at_level(logging.WARNING):
        assert load_study(old) == load_study(new)
    assert [message.partition(": ")[2] for message in caplog.messages] == [
        "model.places is called model.target_modules now.",
        "search.cohort is called search.bracket now.",
    ]
    assert load_study(new, ["search.cohort=4"]) == load_study(new, ["search.bracket=4"])


def test_a_mistake_behind_an_old_key_is_placed(tmp_path: Path) -> None:
    path = tmp_path / "old.yaml"
    path.write_text(
        STUDY.format(modules="places", bracket="cohort").replace("key_value: [k]", "key_value: 3")
    )
    with pytest.raises(ConfigError, match=r"old.yaml:4: model.target_modules.key_value"):
        load_study(path)


def test_both_keys_at_once_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "both.yaml"
    path.write_text(STUDY.format(modules="places", bracket="bracket: 3, cohort"))
    with pytest.raises(ConfigError, match=r"search\.cohort: unknown key"):
        load_study(path)


@pytest.mark.parametrize("free", ["score", "scores", "values", "hyperparameters"])
def test_names_that_others_chose_stay(free: str) -> None:
    """A problem may be called as a key of version 0.1 was."""
    record = {free: {"solved": {"places": 1.0, "parked": 0.0}}}
    assert with_new_names(record) == record


def test_values_that_only_look_like_old_names_stay() -> None:
    assert with_new_names({"reason": "parked", "points": [1]}) == {"reason": "parked", "points": [1]}
