"""LoRA's targets and variants: which layers they adapt, and that merged they answer as before."""

import json
from pathlib import Path
from typing import Any

import peft
import pytest
import torch
from transformers import AutoModelForCausalLM

from astraios_ray.methods import build, load_tuned
from astraios_ray.records import Value
from tests.fakes.tiny_models import ARCHITECTURES, logits_of, target_modules_of, tiny_model, tokens, train

VARIANTS: dict[str, dict[str, Value]] = {
    "dora": {"dora": True},
    "rslora": {"rslora": True},
    "pissa": {"init": "pissa"},
    "pissa by iterations": {"init": "pissa_niter_16"},
    "all-linear": {"target": "all-linear"},
    "attention": {"target": "attention"},
    "all at once": {"dora": True, "rslora": True, "init": "pissa", "target": "all-linear"},
}
# Of the largest logit; measured at most 2.7e-7 and 8.8e-3 on all architectures. In bf16 the merged weights
# are rounded to 8 bits, while the update beside the base's layer is computed in float32.
TOLERANCE = {torch.float32: 1e-6, torch.bfloat16: 2**-6}


def adapted(architecture: str, target: str) -> set[str]:
    """The names of the layers of the first block that LoRA adapts."""
    tuned = build("lora", {"r": 3, "target": target}).apply(
        tiny_model(architecture), target_modules_of(architecture), 0
    )
    return {name.split(".lora")[0].rsplit(".", 1)[1] for name in tuned.trainable() if ".0." in name}


def test_a_target_names_the_layers_that_are_adapted() -> None:
    attention = {"q_proj", "k_proj", "v_proj", "o_proj"}
    assert adapted("Llama", "attention") == attention
    assert adapted("Llama", "attention+mlp_out") == attention | {"down_proj"}
    assert adapted("Llama", "all-linear") == attention | {"down_proj", "gate_proj", "up_proj"}


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.filterwarnings("ignore")  # peft's own use of what transformers deprecates
def test_all_linear_are_the_layers_that_peft_calls_so(architecture: str) -> None:
    config = peft.LoraConfig(r=3, target_modules="all-linear", task_type="CAUSAL_LM")
    wrapper = peft.get_peft_model(tiny_model(architecture), config)
    ours = build("lora", {"r": 3, "target": "all-linear"}).apply(
        tiny_model(architecture), target_modules_of(architecture), 0
    )
    theirs = [p.shape for p in wrapper.parameters() if p.requires_grad]
    assert [p.shape for p in ours.trainable().values()] == theirs


def test_at_their_defaults_the_new_fields_are_not_written(tmp_path: Path) -> None:
    """So the folders of version 0.1, which did not have them, are read."""
    base, target_modules = tiny_model(), target_modules_of("GPTBigCode")
    tuned = build("lora", {"target": "attention+mlp_out"}).apply(base, target_modules, 0)
    tuned.save(tmp_path)
    about = json.loads((tmp_path / "method.json").read_text())
    assert list(about["hyperparameters"]) == ["r", "alpha", "dropout", "rslora", "dora"]
    assert torch.equal(logits_of(load_tuned(base, target_modules, tmp_path)), logits_of(tuned))


@pytest.mark.parametrize("architecture", ["GPT2", "Llama", "Starcoder2"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_merged_and_saved_a_variant_is_a_plain_model_that_names_its_class(
    variant: str, architecture: str, tmp_path: Path
) -> None:
    tuned = build("lora", {"r": 3, **VARIANTS[variant]}).apply(
        tiny_model(architecture), target_modules_of(architecture), 0
    )
    train(tuned)
    merged: Any = tuned.merge()
    merged.save_pretrained(tmp_path)
    plain = AutoModelForCausalLM.from_pretrained(tmp_path)
    assert plain.config.architectures == [type(plain).__name__]
    assert torch.allclose(plain(tokens()).logits, logits_of(tuned), atol=1e-6, rtol=0)


@pytest.mark.parametrize("dtype", TOLERANCE, ids=["fp32", "bf16"])
@pytest.mark.parametrize("architecture", ["GPT2", "Llama", "Starcoder2"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_merged_a_variant_answers_as_before_and_the_base_stays(
    variant: str, architecture: str, dtype: torch.dtype
) -> None:
    base, target_modules = tiny_model(architecture).to(dtype), target_modules_of(architecture)
    plain = base(tokens()).logits
    tuned = build("lora", {"r": 3, **VARIANTS[variant]}).apply(base, target_modules, 0)
    train(tuned)
    expected, merged = logits_of(tuned), tuned.merge()
    assert merged is not None
    difference = (merged(tokens()).logits - expected).abs().max()
    assert difference <= TOLERANCE[dtype] * expected.abs().max()
    assert (expected - plain).abs().max() > difference
    assert torch.equal(base(tokens()).logits, plain)
