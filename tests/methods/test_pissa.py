"""PiSSA on a base that stays as it is, beside peft's, which changes a base of its own."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import peft
import pytest
import torch

from astraios_ray.errors import ConfigError
from astraios_ray.methods import build, count_parameters, load_tuned
from astraios_ray.records import Value
from tests.contracts.base_watch import Watch
from tests.fakes.tiny_models import logits_of, target_modules_of, tiny_model, tokens, train

PISSA: dict[str, Value] = {"r": 3, "init": "pissa", "target": "all-linear", "dropout": 0.0}
LLAMA = target_modules_of("Llama")

each_init = pytest.mark.parametrize("init", ["pissa", "pissa_niter_16"])
each_variant = pytest.mark.parametrize("variant", [{}, {"rslora": True}, {"dora": True}], ids=str)


@each_init
def test_it_starts_at_the_base_and_leaves_it_alone(init: str) -> None:
    base = tiny_model("Llama")
    watch, plain = Watch(base), base(tokens()).logits
    tuned = build("lora", {**PISSA, "init": init}).apply(base, LLAMA, 0)
    assert torch.allclose(logits_of(tuned), plain, atol=1e-6, rtol=0)
    train(tuned)
    watch.check()


@each_variant
@pytest.mark.parametrize("architecture", ["GPT2", "Llama"])
def test_without_dropout_it_learns_what_pefts_learns(architecture: str, variant: dict[str, Value]) -> None:
    base, target_modules = tiny_model(architecture), target_modules_of(architecture)
    tuned = build("lora", {**PISSA, **variant}).apply(base, target_modules, 0)
    values: dict[str, Value] = {f"use_{name}": value for name, value in variant.items()}
    values |= {"r": 3, "lora_alpha": 16, "init_lora_weights": "pissa", "target_modules": "all-linear"}
    theirs = build("peft:LORA", values).apply(deepcopy(base), target_modules, 0)
    assert train(tuned) == pytest.approx(train(theirs), abs=2e-6)


@each_variant
@pytest.mark.parametrize("architecture", ["GPT2", "Llama"])
@pytest.mark.filterwarnings("ignore")  # peft's own use of what transformers deprecates
def test_peft_puts_what_was_saved_on_an_unchanged_base(
    architecture: str, variant: dict[str, Value], tmp_path: Path
) -> None:
    tuned = build("lora", {**PISSA, **variant}).apply(
        tiny_model(architecture), target_modules_of(architecture), 0
    )
    train(tuned)
    tuned.save(tmp_path)
    theirs = peft.PeftModel.from_pretrained(tiny_model(architecture), str(tmp_path)).eval()
    assert torch.allclose(theirs(input_ids=tokens()).logits, logits_of(tuned), atol=1e-6)


@each_init
def test_loading_brings_the_factors_it_started_at_and_training_goes_on_the_same(
    init: str, tmp_path: Path
) -> None:
    base = tiny_model("Llama")
    tuned = build("lora", {**PISSA, "init": init}).apply(base, LLAMA, 0)
    train(tuned)
    tuned.save(tmp_path)
    loaded = build("lora", {**PISSA, "init": init}).apply(tiny_model("Llama", seed=1), LLAMA, 0)
    loaded.load(tmp_path)  # made on another base, it started elsewhere
    assert _factors(loaded).keys() == _factors(tuned).keys()
    assert all(torch.equal(_factors(loaded)[name], tensor) for name, tensor in _factors(tuned).items())
    again = load_tuned(base, LLAMA, tmp_path)
    assert train(again, (3, 4)) == train(tuned, (3, 4))


def _factors(tuned: Any) -> dict[str, torch.Tensor]:
    tensors: dict[str, torch.Tensor] = tuned._stored()
    return tensors


def test_it_trains_as_many_values_as_lora() -> None:
    base = tiny_model("Llama").to("meta")
    lora = count_parameters("lora", {**PISSA, "init": "kaiming"}, base, LLAMA)
    assert count_parameters("lora", PISSA, base, LLAMA) == lora


def test_a_rank_beyond_the_singular_values_is_refused_with_their_number() -> None:
    with pytest.raises(ConfigError, match="found r 17, expected at most 16"):
        build("lora", {**PISSA, "r": 17}).apply(tiny_model("GPT2"), target_modules_of("GPT2"), 0)
