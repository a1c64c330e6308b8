"""Virtual tokens that are invisible to the caller."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, MptConfig, OPTConfig, PretrainedConfig, XGLMConfig

from astraios_ray.errors import ConfigError
from astraios_ray.methods import TunedModel, build, load_tuned
from astraios_ray.methods.prompting import ENCODER_FILE
from astraios_ray.methods.stored import TENSOR_FILE
from astraios_ray.models.target_modules import find_target_modules
from tests.fakes.architectures import small_model
from tests.fakes.tiny_models import (
    ARCHITECTURES,
    logits_of,
    loss_of,
    target_modules_of,
    tiny_model,
    tokens,
    train,
)


def tuned(architecture: str = "GPTBigCode", method: str = "p_tuning") -> TunedModel:
    key = "virtual_tokens" if method == "p_tuning" else "num_virtual_tokens"
    model = build(method, {key: 5}).apply(tiny_model(architecture), target_modules_of(architecture), 0)
    train(model)
    return model


def test_the_encoder_is_an_mlp_of_three_layers_as_wide_as_the_model() -> None:
    prompt = build("p_tuning", {"virtual_tokens": 5}).apply(tiny_model(), target_modules_of("GPTBigCode"), 0)
    shapes = [tuple(parameter.shape) for parameter in prompt.trainable().values()]
    assert shapes == [(5, 16), (16, 16), (16,), (16, 16), (16,), (16, 16), (16,)]


def test_logits_are_one_per_given_token() -> None:
    assert logits_of(tuned()).shape == (3, 12, 61)


def test_the_loss_is_the_mean_over_the_given_labels() -> None:
    prompt, ids = tuned(), tokens()
    by_hand = torch.nn.functional.cross_entropy(logits_of(prompt)[:, :-1].flatten(0, 1), ids[:, 1:].flatten())
    assert float(loss_of(prompt, ids).detach()) == pytest.approx(float(by_hand), abs=1e-6)


@pytest.mark.parametrize(
    "config",
    [
        MptConfig(vocab_size=61, d_model=16, n_layers=1, n_heads=4, max_seq_len=32),
        XGLMConfig(vocab_size=61, d_model=16, num_layers=1, attention_heads=4, ffn_dim=8),
        OPTConfig(
            vocab_size=61, hidden_size=16, word_embed_proj_dim=8, num_hidden_layers=1, ffn_dim=8,
            num_attention_heads=4,
        ),
    ],
    ids=lambda config: config.model_type,
)  # fmt: skip
def test_sizes_are_those_of_the_model_whatever_its_configuration_calls_them(config: PretrainedConfig) -> None:
    base = AutoModelForCausalLM.from_config(config).requires_grad_(False).eval()
    prompt = build("p_tuning", {"virtual_tokens": 5}).apply(base, find_target_modules(base, None), 0)
    with torch.no_grad():
        next(iter(prompt.trainable().values())).add_(1.0)
    assert prompt.trainable()["prompt_encoder.embedding.weight"].shape[1] == (
        base.get_input_embeddings().embedding_dim
    )
    assert not torch.allclose(logits_of(prompt), base(input_ids=tokens()).logits, atol=1e-4)


@pytest.mark.parametrize("method", ["p_tuning", "peft:PROMPT_TUNING", "peft:PREFIX_TUNING"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
@torch.no_grad()
def test_a_cached_continuation_has_the_logits_of_the_whole_text(architecture: str, method: str) -> None:
    prompt, ids = tuned(architecture, method), tokens()
    logits = logits_of(prompt, ids)
    first = prompt.model(input_ids=ids[:, :7], use_cache=True)
    parts, cache = [first.logits], first.past_key_values
    for at in range(7, 12):
        mask = torch.ones(3, at + 1, dtype=torch.long)
        output = prompt.model(
            input_ids=ids[:, at : at + 1], past_key_values=cache, attention_mask=mask, use_cache=True
        )
        parts.append(output.logits)
        cache = output.past_key_values
    assert torch.allclose(torch.cat(parts, dim=1), logits, atol=1e-5)


@torch.no_grad()
def test_padding_on_the_right_does_not_change_what_stands_before_it() -> None:
    prompt, ids = tuned(), tokens()
    mask = torch.ones_like(ids)
    mask[:, 9:] = 0
    masked = prompt.model(input_ids=ids, attention_mask=mask).logits[:, :9]
    assert torch.allclose(masked, logits_of(prompt, ids[:, :9]), atol=1e-6)


@torch.no_grad()
def test_given_positions_mean_what_they_mean_for_the_base() -> None:
    prompt, ids = tuned(), tokens()
    positions = torch.arange(12).expand(3, -1)
    assert torch.equal(prompt.model(input_ids=ids, position_ids=positions).logits, logits_of(prompt, ids))


def test_training_goes_on_after_a_reload_as_without_one(tmp_path: Path) -> None:
    base, target_modules = tiny_model(), target_modules_of("GPTBigCode")
    prompt = build("p_tuning", {"virtual_tokens": 5}).apply(base, target_modules, 0)
    train(prompt)
    prompt.save(tmp_path)
    reloaded = load_tuned(base, target_modules, tmp_path)
    assert train(prompt, (3, 4)) == train(reloaded, (3, 4))


def test_the_file_for_inference_holds_the_virtual_tokens_alone(tmp_path: Path) -> None:
    tuned().save(tmp_path)
    assert {n: tuple(t.shape) for n, t in load_file(tmp_path / TENSOR_FILE).items()} == {
        "prompt_embeddings": (5, 16)
    }
    assert (tmp_path / ENCODER_FILE).exists()


def test_a_row_that_no_longer_fits_the_positions_is_refused_with_the_reason() -> None:
    with pytest.raises(
        ConfigError, match="97 tokens, the virtual ones included, are more than the model's 96"
    ):
        logits_of(tuned(), tokens(length=92))


def test_the_base_is_called_without_virtual_tokens_at_any_time() -> None:
    prompt = tuned()
    wrapper: Any = prompt.model
    plain = tiny_model()(tokens()).logits
    prompt.attach()
    assert torch.equal(wrapper.base_model(tokens()).logits, plain)


@pytest.mark.parametrize("architecture", ["Mpt", "XGLM", "Mamba"])
def test_virtual_tokens_need_no_number_of_heads_that_peft_can_read(architecture: str) -> None:
    model = small_model(architecture)
    tuned = build("p_tuning", {"virtual_tokens": 5}).apply(model, find_target_modules(model, None), 0)
    assert logits_of(tuned).shape == (*tokens().shape, 61)
