"""``export``: folders that can be loaded, of a real small study of all seven methods."""

import json
import shutil
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner, Result
from torch import nn
from transformers import AutoModelForCausalLM

from astraios_ray.cli.main import cli
from astraios_ray.errors import ConfigError, StudyChanged, TornFile
from astraios_ray.methods import load_tuned
from astraios_ray.models.load_base import load_base
from astraios_ray.records import ModelRef, StudyRecord
from astraios_ray.search.folder import StudyFolder
from astraios_ray.search.local_backend import LocalBackend
from astraios_ray.training.trial_trainer import TrialTrainer
from astraios_ray.trial.exported import load_exported
from tests.fakes.backends import conduct, contents_now, tiny_study, write_model, write_rows
from tests.fakes.old_folders import forget_contents
from tests.fakes.rewriting import flip_a_bit, rename_a_token

IDS = torch.arange(3, 33).reshape(2, 15)
PLAIN_PEFT = ("lora", "ia3", "p_tuning")
OURS = ("adapter_h", "adapter_p", "parallel")


@pytest.fixture(scope="module")
def tiny_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, StudyRecord]:
    """The folder that holds the runs, and the finished study ``tiny``."""
    place = tmp_path_factory.mktemp("made")
    rule = {"rule": "halving", "grace": 3, "reduction": 3, "keep_per_method": 0, "audit_fraction": 0.0}
    search = {"sampler": "tpe"}  # all compete, so some are stopped
    sections: dict[str, Any] = {"budget": {"trials": 7}, "early_stop": rule, "search": search}
    study = tiny_study(write_model(place / "model"), write_rows(place / "rows.jsonl"), **sections)
    folder = StudyFolder(place / "runs" / "tiny")
    resolved = {**study.resolved(), "output": str(place / "runs")}
    folder.adopt(resolved, contents_now(study), extend=False)
    return place, conduct(study, folder, LocalBackend(folder.trials, slots=1, sandbox=None))


@pytest.fixture(autouse=True)
def _inside(tiny_run: tuple[Path, StudyRecord], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tiny_run[0])


def run_export(*args: str | Path) -> Result:
    return CliRunner().invoke(cli, ["export", "tiny", *map(str, args)])


def exported(to: Path, *args: str) -> Mapping[str, Any]:
    result = run_export(*args, "--to", to, "--json")
    assert result.exception is None
    export: Mapping[str, Any] = json.loads(result.stdout)
    return export


def refused(*args: str | Path) -> BaseException | None:
    result = run_export(*args)
    assert result.exit_code != 0
    return result.exception


def loaded(snippet: str) -> nn.Module:
    """The model that the printed Python loads."""
    names: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft asks transformers in an old way
        exec(snippet, names)
    model: nn.Module = names["model"]
    return model


@torch.no_grad()
def logits(model: Any) -> torch.Tensor:
    answer: torch.Tensor = model.eval()(input_ids=IDS, attention_mask=torch.ones_like(IDS)).logits
    return answer[:, -IDS.shape[1] :]  # plain peft answers for virtual tokens too


def reference(tiny_run: tuple[Path, StudyRecord], trial: str) -> torch.Tensor:
    """The logits of a trial, straight from its checkpoint."""
    place, record = tiny_run
    (result,) = (result for result in record.results if result.spec.id == trial)
    assert result.checkpoint
    base = load_base(ModelRef(str(place / "model")))
    tuned = load_tuned(base.model, base.target_modules, Path(result.checkpoint.folder) / "adapter")
    with tuned.attached():
        return logits(tuned.model)


@pytest.mark.parametrize("method", [*PLAIN_PEFT, *OURS, "full"])
def test_the_printed_snippet_loads_the_very_model(
    method: str, tiny_run: tuple[Path, StudyRecord], tmp_path: Path
) -> None:
    export = exported(tmp_path / "out", method)
    assert export["method"] == method
    expected = reference(tiny_run, export["trial"])
    assert torch.allclose(logits(loaded(export["snippet"])), expected, atol=1e-6)
    assert not torch.allclose(
        logits(load_base(ModelRef(str(tiny_run[0] / "model"))).model), expected, atol=1e-4
    )


@pytest.mark.parametrize(
    ("method", "form"), [("lora", "peft"), ("adapter_h", "astraios-ray"), ("full", "transformers")]
)
def test_the_form_says_who_can_load_it(method: str, form: str, tmp_path: Path) -> None:
    assert exported(tmp_path / "out", method)["form"] == form


@pytest.mark.parametrize("method", ["lora", "ia3"])
def test_a_merged_model_is_a_plain_one_with_the_same_logits(
    method: str, tiny_run: tuple[Path, StudyRecord], tmp_path: Path
) -> None:
    export = exported(tmp_path / "out", method, "--merge")
    assert export["form"] == "transformers"
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= set(export["files"])
    assert "adapter_config.json" not in export["files"]
    model = loaded(export["snippet"])
    assert type(model) is type(AutoModelForCausalLM.from_pretrained(tiny_run[0] / "model"))
    assert torch.allclose(logits(model), reference(tiny_run, export["trial"]), atol=1e-5)


@pytest.mark.parametrize(("method", "options"), [("lora", ["--merge"]), ("ia3", ["--merge"]), ("full", [])])
def test_a_whole_model_names_its_class_and_plain_transformers_loads_it(
    method: str, options: list[str], tiny_run: tuple[Path, StudyRecord], tmp_path: Path
) -> None:
    """Other programs, such as vLLM, choose by the name what a folder holds."""
    export = exported(tmp_path / "out", method, *options)
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "out")
    config = json.loads((tmp_path / "out" / "config.json").read_text())
    assert config["architectures"] == [type(model).__name__]
    assert torch.allclose(logits(model), reference(tiny_run, export["trial"]), atol=1e-5)


@pytest.mark.parametrize(("method", "why"), [("adapter_p", "tanh"), ("p_tuning", "virtual tokens")])
def test_a_method_that_cannot_merge_is_refused_with_the_reason(method: str, why: str, tmp_path: Path) -> None:
    error = refused(method, "--merge", "--to", tmp_path / "out")
    assert isinstance(error, ConfigError)
    assert why in str(error)
    assert not list(tmp_path.iterdir()), "what was begun is left behind"


def test_without_a_trial_it_is_the_leaderboards_first(
    tiny_run: tuple[Path, StudyRecord], tmp_path: Path
) -> None:
    full_length = [result for result in tiny_run[1].results if result.last and result.last.step == 9]
    best = min(full_length, key=lambda result: result.last.loss if result.last else 0.0)
    assert exported(tmp_path / "out")["trial"] == best.spec.id


def test_a_trial_is_known_by_its_label_too(tiny_run: tuple[Path, StudyRecord], tmp_path: Path) -> None:
    spec = tiny_run[1].results[3].spec
    assert exported(tmp_path / "out", spec.label)["trial"] == spec.id


def test_an_unknown_trial_is_refused_with_the_nearest(tmp_path: Path) -> None:
    error = refused("adapter-h", "--to", tmp_path / "out")
    assert isinstance(error, ConfigError)
    assert "did you mean 'adapter_h'" in str(error)
    assert "t0000 to t0006" in str(error)


def test_the_readme_says_what_it_is_and_how_it_came_to_be(
    tiny_run: tuple[Path, StudyRecord], tmp_path: Path
) -> None:
    export = exported(tmp_path / "out", "lora")
    text = (tmp_path / "out" / "README.md").read_text()
    for fact in ("| r | 4 |", "| learning_rate |", "| max_steps | 9 |", "files-", "validation loss", "tiny"):
        assert fact in text
    assert f"`{tiny_run[0] / 'model'}`" in text
    assert export["snippet"] in text
    assert "Not trained to the end" not in text


def test_a_trial_that_was_stopped_early_says_so(tiny_run: tuple[Path, StudyRecord], tmp_path: Path) -> None:
    stopped = next(result for result in tiny_run[1].results if result.state == "stopped")
    exported(tmp_path / "out", stopped.spec.id)
    assert "**Not trained to the end:** step 3 of 9" in (tmp_path / "out" / "README.md").read_text()


def test_a_target_in_use_is_kept_unless_forced(tmp_path: Path) -> None:
    exported(tmp_path / "out", "lora")
    error = refused("ia3", "--to", tmp_path / "out")
    assert isinstance(error, ConfigError)
    assert "--force" in str(error)
    assert "prompt_encoder.safetensors" in exported(tmp_path / "out", "p_tuning", "--force")["files"]
    assert "prompt_encoder.safetensors" not in exported(tmp_path / "out", "ia3", "--force")["files"]


def test_force_never_replaces_what_is_no_export(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    assert "no earlier export" in str(refused("lora", "--to", tmp_path, "--force"))
    assert (tmp_path / "thesis.tex").exists()


def test_a_run_folder_that_was_moved_can_be_exported(
    tiny_run: tuple[Path, StudyRecord], tmp_path: Path
) -> None:
    moved = (tiny_run[0] / "runs" / "tiny").rename(tiny_run[0] / "moved")
    try:
        result = CliRunner().invoke(cli, ["export", "./moved", "lora", "--to", str(tmp_path / "out")])
    finally:
        moved.rename(tiny_run[0] / "runs" / "tiny")
    assert result.exception is None


@pytest.mark.parametrize("damage", ["missing", "changed"])
def test_a_damaged_checkpoint_is_trained_again_and_exported(
    damage: str, tiny_run: tuple[Path, StudyRecord], tmp_path: Path
) -> None:
    result = next(result for result in tiny_run[1].results if result.spec.method == "parallel")
    assert result.checkpoint
    folder = Path(result.checkpoint.folder)
    (tensors,) = folder.glob("adapter/*.safetensors")
    content = tensors.read_bytes()
    if damage == "missing":
        shutil.rmtree(folder.parent)
    else:
        tensors.write_bytes(content[:-1] + b"\0\0")
    exported(tmp_path / "out", result.spec.id)
    assert (tmp_path / "out" / tensors.name).read_bytes() == content
    assert tensors.read_bytes() == content


def test_a_damaged_checkpoint_of_a_trial_that_trains_otherwise_now_is_never_exported(
    tiny_run: tuple[Path, StudyRecord], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = next(result for result in tiny_run[1].results if result.spec.method == "parallel")
    assert result.checkpoint
    shutil.rmtree(result.checkpoint.folder)
    monkeypatch.setattr(TrialTrainer, "validated", lambda self, total: 1.5)
    error = refused(result.spec.id, "--to", tmp_path / "out")
    assert isinstance(error, TornFile)
    assert "gives loss 1.5 at step 3, recorded is" in str(error)
    assert not (tmp_path / "out").exists()


def test_by_default_it_goes_into_the_run_folder(tiny_run: tuple[Path, StudyRecord]) -> None:
    result = run_export("ia3")
    assert result.exception is None
    folders = list((tiny_run[0] / "runs" / "tiny" / "export").iterdir())
    assert len(folders) == 1
    assert f"is in runs/tiny/export/{folders[0].name}:" in result.stdout
    assert "PeftModel.from_pretrained(" in result.stdout


@pytest.fixture
def base(tiny_run: tuple[Path, StudyRecord], tmp_path: Path) -> Iterator[Path]:
    """The folder of the study's model, which a test may change."""
    folder = tiny_run[0] / "model"
    backup = shutil.copytree(folder, tmp_path / "backup")
    yield folder
    shutil.rmtree(folder)
    shutil.copytree(backup, folder)


CHANGES = pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda base: flip_a_bit(base / "model.safetensors"), "model.weights"),
        (rename_a_token, "model.tokenizer"),
    ],
    ids=["weights", "tokenizer"],
)


@CHANGES
def test_a_base_that_has_changed_is_refused_and_named(
    change: Callable[[Path], None], name: str, base: Path, tmp_path: Path
) -> None:
    change(base)
    for method in ("lora", "full"):
        error = refused(method, "--to", tmp_path / "out")
        assert isinstance(error, StudyChanged)
        assert f"  {name}: the content was " in str(error) and "--despite-changes" in str(error)
    assert not (tmp_path / "out").exists()


def test_despite_changes_exports_and_says_which_base_it_was_trained_on(base: Path, tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    exported(before, "lora")
    flip_a_bit(base / "model.safetensors")
    exported(after, "lora", "--despite-changes")
    for file in ("base.json", "spec.json"):
        assert (after / file).read_bytes() == (before / file).read_bytes()
    texts = [(folder / "README.md").read_text() for folder in (before, after)]
    assert len({text.split("its revision")[1].split("\n")[0] for text in texts}) == 1


@CHANGES
def test_an_exported_adapter_is_not_loaded_on_a_base_that_has_changed(
    change: Callable[[Path], None], name: str, base: Path, tmp_path: Path
) -> None:
    exported(tmp_path / "out", "lora")
    load_exported(tmp_path / "out")
    change(base)
    with pytest.raises(StudyChanged, match=f"  {name}: the content was "):
        load_exported(tmp_path / "out")
    load_exported(tmp_path / "out", despite_changes=True)


def test_an_unreadable_base_of_an_exported_adapter_is_damage(tmp_path: Path) -> None:
    exported(tmp_path / "out", "lora")
    (tmp_path / "out" / "base.json").write_text("{")
    with pytest.raises(TornFile, match=r"base\.json: no readable contents"):
        load_exported(tmp_path / "out")


def test_a_run_folder_without_contents_is_exported_with_a_warning(
    tiny_run: tuple[Path, StudyRecord], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    old = Path(shutil.copytree(tiny_run[0] / "runs" / "tiny", tmp_path / "tiny"))
    forget_contents(old)
    result = CliRunner().invoke(cli, ["export", str(old), "lora", "--to", str(tmp_path / "out")])
    assert result.exception is None
    assert "whether they changed cannot be compared" in caplog.text
    assert not (tmp_path / "out" / "base.json").exists()
