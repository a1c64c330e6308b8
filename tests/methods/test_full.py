"""Full fine-tuning trains every parameter, on a base of its own."""

from copy import deepcopy
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM

from astraios_ray.methods import build, load_tuned
from tests.fakes.tiny_models import logits_of, target_modules_of, tiny_model, tokens, train

TARGET_MODULES = target_modules_of("GPTBigCode")


def test_it_wants_a_base_of_its_own() -> None:
    assert not build("full", {}).traits.shares_base


def test_every_parameter_is_trained_once_also_where_weights_are_tied() -> None:
    base = tiny_model()
    tuned = build("full", {}).apply(base, TARGET_MODULES, 0)
    assert sum(p.numel() for p in tuned.trainable().values()) == sum(p.numel() for p in base.parameters())
    assert "lm_head.weight" not in tuned.trainable()


def test_a_copy_is_trained_and_the_base_stays_as_it_was() -> None:
    base = tiny_model()
    plain = base(tokens()).logits
    tuned = build("full", {}).apply(deepcopy(base), TARGET_MODULES, 0)
    train(tuned)
    assert not torch.equal(logits_of(tuned), plain)
    assert torch.equal(base(tokens()).logits, plain)
    assert not any(p.requires_grad for p in base.parameters())


@pytest.mark.parametrize("architecture", ["GPTBigCode", "Llama"])
def test_a_saved_folder_is_an_ordinary_model_folder(architecture: str, tmp_path: Path) -> None:
    tuned = build("full", {}).apply(tiny_model(architecture), target_modules_of(architecture), 0)
    train(tuned)
    tuned.save(tmp_path)
    plain, info = AutoModelForCausalLM.from_pretrained(
        tmp_path, use_safetensors=True, output_loading_info=True
    )
    assert plain.config.architectures == [type(tuned.model).__name__]
    assert not info["missing_keys"] and not info["unexpected_keys"]
    assert torch.equal(plain(tokens()).logits, logits_of(tuned))


def test_it_is_loaded_onto_an_untrained_base(tmp_path: Path) -> None:
    tuned = build("full", {}).apply(tiny_model(), TARGET_MODULES, 0)
    train(tuned)
    tuned.save(tmp_path)
    assert torch.equal(logits_of(load_tuned(tiny_model(seed=9), TARGET_MODULES, tmp_path)), logits_of(tuned))
