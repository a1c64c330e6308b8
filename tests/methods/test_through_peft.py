"""LoRA and (IA)3, made by peft on a shared base and readable by it."""

from pathlib import Path

import peft
import pytest
import torch

from astraios_ray.methods import build, load_tuned
from astraios_ray.models.target_modules import find_target_modules
from tests.fakes.architectures import small_model
from tests.fakes.tiny_models import (
    SMALL,
    logits_of,
    optimizer_of,
    step,
    target_modules_of,
    tiny_model,
    tokens,
    train,
)

BIGCODE = target_modules_of("GPTBigCode")


def test_lora_adapts_the_layers_of_the_study_and_not_the_input_of_the_mlp() -> None:
    tuned = build("lora", {"r": 3}).apply(tiny_model(), BIGCODE, 0)
    layers = {name.removeprefix("transformer.h.").split(".lora")[0][2:] for name in tuned.trainable()}
    assert layers == {"attn.c_attn", "attn.c_proj", "mlp.c_proj"}


def test_ia3_scales_fused_outputs_and_the_inputs_of_the_mlps_output_layer() -> None:
    tuned = build("ia3", {}).apply(tiny_model(), BIGCODE, 0)
    sizes = {
        name.removeprefix("transformer.h.0."): p.numel()
        for name, p in tuned.trainable().items()
        if ".h.0." in name
    }
    assert sizes == {"attn.c_attn.ia3_l": 16 + 2 * 4, "mlp.c_proj.ia3_l": 64}


def test_a_new_lora_or_ia3_is_the_base() -> None:
    base = tiny_model()
    plain = base(tokens()).logits
    for method in ("lora", "ia3"):
        assert torch.equal(logits_of(build(method, {}).apply(base, BIGCODE, 0)), plain)


def test_rslora_scales_by_the_root_of_the_rank_and_dora_learns_lengths() -> None:
    base = tiny_model()
    layer = "transformer.h.0.attn.c_attn"
    with build("lora", {"r": 4, "alpha": 8, "rslora": True}).apply(base, BIGCODE, 0).attached():
        assert base.get_submodule(layer).scaling == {"default": 4.0}
    dora = build("lora", {"r": 4, "dora": True}).apply(base, BIGCODE, 0)
    assert any("magnitude" in name for name in dora.trainable())


@pytest.mark.parametrize("architecture", ["GPTBigCode", "GPT2", "Llama"])
@pytest.mark.parametrize("method", ["lora", "ia3", "p_tuning"])
@pytest.mark.filterwarnings("ignore")  # peft's own use of what transformers deprecates
def test_peft_alone_reads_what_was_saved(method: str, architecture: str, tmp_path: Path) -> None:
    tuned = build(method, SMALL.get(method, {})).apply(
        tiny_model(architecture), target_modules_of(architecture), 0
    )
    train(tuned)
    tuned.save(tmp_path)
    peft_model = peft.PeftModel.from_pretrained(tiny_model(architecture), str(tmp_path)).eval()
    logits = peft_model(input_ids=tokens()).logits[:, -tokens().shape[1] :]
    assert torch.allclose(logits, logits_of(tuned), atol=1e-6)


def test_down_proj_is_the_linear_layer_and_not_the_experts_of_another_version(tmp_path: Path) -> None:
    base = small_model("DeepseekV3")
    target_modules = find_target_modules(base, None)
    tuned = build("lora", {"r": 3}).apply(base, target_modules, 0)
    down = [name for name in tuned.trainable() if "down_proj" in name]
    assert down and not any("mlp.experts" in name for name in down)
    step(tuned, optimizer_of(tuned), 0)
    tuned.save(tmp_path)
    assert not (tmp_path / "adapter_config.json").exists()  # peft would put it on the experts
    again = load_tuned(small_model("DeepseekV3"), target_modules, tmp_path)
    assert torch.equal(logits_of(again), logits_of(tuned))


def test_a_merged_model_is_plain_and_shares_nothing_with_the_base() -> None:
    base = tiny_model()
    tuned = build("lora", {"r": 3}).apply(base, BIGCODE, 0)
    train(tuned)
    merged = tuned.merge()
    assert merged is not None and type(merged) is type(base)
    assert [name for name, _ in merged.named_modules()] == [name for name, _ in base.named_modules()]
    assert not {p.data_ptr() for p in merged.parameters()} & {p.data_ptr() for p in base.parameters()}


@pytest.mark.parametrize("variant", ["rslora", "dora"])
@pytest.mark.parametrize("architecture", ["GPTBigCode", "GPT2"])
def test_loras_variants_are_trained_saved_and_merged_as_it_is(
    variant: str, architecture: str, tmp_path: Path
) -> None:
    base, target_modules = tiny_model(architecture), target_modules_of(architecture)
    tuned = build("lora", {"r": 3, variant: True}).apply(base, target_modules, 0)
    train(tuned)
    tuned.save(tmp_path)
    merged = tuned.merge()
    assert merged is not None
    assert torch.allclose(merged(tokens()).logits, logits_of(tuned), atol=1e-6)
    assert torch.equal(logits_of(load_tuned(base, target_modules, tmp_path)), logits_of(tuned))


def test_a_float64_base_gets_float64_adapters() -> None:
    base = tiny_model().double()
    for method in ("lora", "ia3", "adapter_h"):
        tuned = build(method, SMALL.get(method, {})).apply(base, BIGCODE, 0)
        assert {p.dtype for p in tuned.trainable().values()} == {torch.float64}
        train(tuned)
