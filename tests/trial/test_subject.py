"""Which model is evaluated: a base, an exported adapter, one in peft's layout."""

import json
from dataclasses import replace
from pathlib import Path

import peft
import pytest
import torch

from astraios_ray.data.text_tokens import front_of
from astraios_ray.errors import ConfigError
from astraios_ray.methods.method import build
from astraios_ray.models.load_base import load_base
from astraios_ray.models.nano import nano_tokenizer
from astraios_ray.records import DataRef, ModelRef, Recipe, TrialSpec, encode
from astraios_ray.trial.exported import SPEC_FILE
from astraios_ray.trial.subject import asked_in, base_of, load_subject, prompt_front
from tests.fakes.backends import write_model
from tests.fakes.byte_tokenizers import ADDED, byte_tokenizer

TOKENS = torch.tensor([[5, 9, 3]])


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> ModelRef:
    return ModelRef(str(write_model(tmp_path_factory.mktemp("model") / "nano")))


def exported(base: ModelRef, folder: Path) -> Path:
    loaded = load_base(base)
    tuned = build("lora", {"r": 4}).apply(loaded.model, loaded.target_modules, seed=0)
    with torch.no_grad():
        for parameter in tuned.trainable().values():
            parameter.add_(0.3)
    tuned.save(folder)
    spec = TrialSpec("s", 1, "lora", {"r": 4}, Recipe(), base, DataRef("builtin:primer"))
    (folder / SPEC_FILE).write_text(json.dumps(encode(spec)))
    return folder


def logits(ref: ModelRef, adapter: Path | None) -> torch.Tensor:
    model, _ = load_subject(ref, adapter, "cpu")
    with torch.no_grad():
        result: torch.Tensor = model(input_ids=TOKENS).logits
    return result


def test_an_exported_adapter_names_its_model_and_changes_it(base: ModelRef, tmp_path: Path) -> None:
    folder = exported(base, tmp_path / "adapter")
    assert base_of(None, folder) == base_of(base, folder) == base
    assert not torch.allclose(logits(base, folder), logits(base, None))


def test_an_exported_adapter_is_asked_in_the_template_of_its_training(base: ModelRef, tmp_path: Path) -> None:
    folder = exported(base, tmp_path / "adapter")
    assert asked_in(folder, None, None).template == "astraios"
    spec = json.loads((folder / SPEC_FILE).read_text())
    (folder / SPEC_FILE).write_text(json.dumps({**spec, "data": {**spec["data"], "template": "none"}}))
    assert asked_in(folder, None, None).template == asked_in(folder, "none", None).template == "none"
    with pytest.raises(
        ConfigError, match=r"`template`: found 'chat', but .* was trained in 'none'; leave it"
    ):
        asked_in(folder, "chat", None)
    assert asked_in(None, None, None) == DataRef("")
    assert asked_in(None, "chat", "s") == DataRef("", template="chat", system="s")


def test_an_adapter_of_another_model_is_refused(base: ModelRef, tmp_path: Path) -> None:
    folder = exported(base, tmp_path / "adapter")
    with pytest.raises(ConfigError, match="was tuned on"):
        base_of(replace(base, id="other/model"), folder)


def test_without_a_model_or_an_exported_adapter_nothing_is_meant() -> None:
    with pytest.raises(ConfigError, match="`model`: is needed"):
        base_of(None, None)


@pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning")  # transformers' own, to peft
def test_an_adapter_in_pefts_layout_is_put_on_the_base(base: ModelRef, tmp_path: Path) -> None:
    config = peft.LoraConfig(r=2, target_modules=["c_attn"], init_lora_weights=False)
    peft.get_peft_model(load_base(base).model, config).save_pretrained(str(tmp_path))
    assert not torch.allclose(logits(base, tmp_path), logits(base, None))


def test_an_adapter_that_peft_cannot_generate_with_is_refused(base: ModelRef, tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text('{"peft_type": "P_TUNING"}')
    with pytest.raises(ConfigError, match="P_TUNING"):
        load_subject(base, tmp_path, "cpu")


def test_a_folder_without_an_adapter_is_refused(base: ModelRef, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"has neither spec\.json nor adapter_config\.json"):
        load_subject(base, tmp_path, "cpu")


@pytest.mark.parametrize("added", ADDED)
def test_the_special_tokens_in_front_of_prompts_are_those_of_the_models_tokenizer(
    added: str, tmp_path: Path
) -> None:
    folder = write_model(tmp_path / "model")
    assert prompt_front(ModelRef(str(folder))) == []
    byte_tokenizer(added).save_pretrained(folder)
    assert prompt_front(ModelRef(str(folder))) == list(ADDED[added][0])


def test_embedded_models_have_none() -> None:
    assert prompt_front(ModelRef("builtin:nano-s")) == front_of(nano_tokenizer()) == []
