"""The memory predicted from tensors without content is what torch's allocator allocates."""

import gc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
import torch
from torch.profiler import ProfilerActivity, profile
from transformers import (
    AutoModelForCausalLM,
    DeepseekV2Config,
    GPTBigCodeConfig,
    LlamaConfig,
    PretrainedConfig,
    Qwen3MoeConfig,
)

from astraios_ray.data.tokenise import Blocks, Rows
from astraios_ray.methods.method import outlined
from astraios_ray.models.load_base import Base, empty_from
from astraios_ray.models.target_modules import find_target_modules
from astraios_ray.records import DataRef, ModelRef, Recipe, TrialSpec
from astraios_ray.training.memory_trace import trace
from astraios_ray.training.passes import backward
from astraios_ray.training.trial_trainer import TrialTrainer
from tests.fakes.architectures import outline

ROWS, LENGTH, WORDS = 4, 64, 640
SHARED: dict[str, Any] = {"bos_token_id": 0, "eos_token_id": 0, "pad_token_id": 0, "vocab_size": WORDS}
LOWEST, HIGHEST = 0.97, 1.03  # of the prediction over the measurement
METHODS = ("lora", "adapter_h", "p_tuning", "full")


@pytest.fixture(autouse=True, scope="module")
def _frozen() -> Iterator[None]:
    """Exclude older objects from garbage collection, which would take longer than a measurement."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def config(architecture: str) -> PretrainedConfig:
    if architecture == "GPTBigCode":
        no_dropout = {"attn_pdrop": 0.0, "resid_pdrop": 0.0, "embd_pdrop": 0.0}
        return GPTBigCodeConfig(
            **SHARED, **no_dropout, n_positions=256, n_embd=128, n_layer=3, n_head=4, multi_query=True
        )
    if architecture == "Qwen3Moe":
        return Qwen3MoeConfig(
            **SHARED, hidden_size=128, num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=2,
            head_dim=32, num_experts=4, num_experts_per_tok=2, moe_intermediate_size=96,
        )  # fmt: skip
    return LlamaConfig(
        **SHARED, hidden_size=128, intermediate_size=352, num_hidden_layers=3, num_attention_heads=4,
        num_key_value_heads=2,
    )  # fmt: skip


def rows(padded: bool) -> Rows:
    ids = torch.randint(1, WORDS, (8, LENGTH))
    mask = torch.ones_like(ids)
    mask[:, -1] = not padded
    return Rows(input_ids=ids, attention_mask=mask, labels=ids)


def allocated(events: Sequence[Any]) -> int:
    """Bytes at the peak, from the allocator's events."""
    now = peak = 0
    for event in sorted(events, key=lambda event: event.start_ns()):
        now += event.nbytes() if event.name() == "[memory]" else 0
        peak = max(peak, now)
    return peak


@dataclass(frozen=True)
class Training:
    """One case of training: model, method and options."""

    architecture: str
    method: str
    padded: bool = False
    passes: int = 1
    trainers: int = 1
    recompute: bool = False
    dtype: torch.dtype = torch.float32
    optimizer: str = "adamw"


def measured(case: Training) -> int:
    """Bytes at the peak of a trial's first two steps, without the base."""
    full_model: Any = AutoModelForCausalLM.from_config(config(case.architecture))
    model: Any = full_model.to(case.dtype).requires_grad_(False).eval()
    base = Base(model, None, find_target_modules(model, None), ModelRef("m"), "0")
    recipe, blocks = (
        Recipe(
            batch_size=ROWS * case.passes,
            micro_batch_size=ROWS,
            activation_checkpointing=case.recompute,
            optimizer=case.optimizer,
        ),
        Blocks(rows(case.padded), rows(case.padded)),
    )
    gc.collect()  # earlier objects must not be freed during the profile
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiling:
        spec = TrialSpec("s", 0, case.method, {}, recipe, base.ref, DataRef("d"), 0)
        trainers = [TrialTrainer(base, blocks, spec) for _ in range(case.trainers)]
        for _ in range(2):
            losses = backward([trainer.training_parts() for trainer in trainers])
            for trainer, loss in zip(trainers, losses, strict=True):
                trainer.update(loss)
    profiler: Any = profiling.profiler
    return allocated(profiler.kineto_results.events())


def predicted(case: Training) -> int:
    model = empty_from(config(case.architecture)).to(case.dtype)
    tuned = [outlined(case.method, {}, model, find_target_modules(model, None)) for _ in range(case.trainers)]
    return trace(
        tuned,
        (ROWS, LENGTH),
        padded=case.padded,
        passes=case.passes,
        recompute=case.recompute,
        optimizer=case.optimizer,
    ).peak


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("architecture", ["GPTBigCode", "Llama"])
def test_the_peak_of_training_is_predicted(architecture: str, method: str) -> None:
    ratio = predicted(Training(architecture, method)) / measured(Training(architecture, method))
    assert LOWEST < ratio < HIGHEST


@pytest.mark.parametrize("method", ["lora", "full"])
def test_so_is_that_of_a_model_with_experts(method: str) -> None:
    case = Training("Qwen3Moe", method)
    assert LOWEST < predicted(case) / measured(case) < HIGHEST


def test_values_may_have_fewer_features_than_keys() -> None:
    latent = DeepseekV2Config(
        **SHARED, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=4, kv_lora_rank=8, q_lora_rank=8, qk_rope_head_dim=4, qk_nope_head_dim=4,
        v_head_dim=4, n_routed_experts=4, num_experts_per_tok=2, moe_intermediate_size=24, n_group=2,
        topk_group=1,
    )  # fmt: skip
    model = empty_from(latent)
    tuned = outlined("lora", {}, model, find_target_modules(model, None))
    assert trace([tuned], (ROWS, LENGTH), padded=False).peak > 0


@pytest.mark.parametrize("passes", [1, 2])
def test_a_bf16_model_that_is_trained_whole_has_float32_weights_gradients_and_moments(passes: int) -> None:
    case = Training("Llama", "full", passes=passes, dtype=torch.bfloat16)
    assert LOWEST < predicted(case) / measured(case) < HIGHEST


@pytest.mark.parametrize("passes", [1, 2])
@pytest.mark.parametrize("optimizer", ["adamw_bf16", "adamw_8bit"])
def test_so_is_the_peak_with_an_optimiser_that_stores_less(optimizer: str, passes: int) -> None:
    case = Training("Llama", "full", passes=passes, dtype=torch.bfloat16, optimizer=optimizer)
    assert LOWEST < predicted(case) / measured(case) < HIGHEST
    assert predicted(case) < predicted(replace(case, optimizer="adamw"))


@pytest.mark.parametrize("method", ["lora", "adapter_h"])
def test_the_peak_of_a_pass_that_trials_share_is_predicted_and_grows_evenly(method: str) -> None:
    two, three = (predicted(Training("Llama", method, trainers=trainers)) for trainers in (2, 3))
    assert LOWEST < two / measured(Training("Llama", method, trainers=2)) < HIGHEST
    assert three / two == pytest.approx(1.5, rel=0.01)


def test_gradients_of_earlier_passes_of_a_step_are_there_in_later_ones() -> None:
    once, twice = (predicted(Training("GPTBigCode", "full", passes=passes)) for passes in (1, 2))
    assert twice > once
    assert LOWEST < twice / measured(Training("GPTBigCode", "full", passes=2)) < HIGHEST


def test_rows_that_end_at_different_places_keep_a_mask_in_each_layer() -> None:
    plain, padded = (predicted(Training("Llama", "lora", padded=padded)) for padded in (False, True))
    assert padded > plain
    assert LOWEST < padded / measured(Training("Llama", "lora", padded=True)) < HIGHEST


@pytest.mark.parametrize(("architecture", "trainers"), [("GPTBigCode", 1), ("Llama", 2)])
def test_activations_that_are_computed_again_are_not_kept(architecture: str, trainers: int) -> None:
    plain, recomputing = (
        predicted(Training(architecture, "lora", trainers=trainers, recompute=recompute))
        for recompute in (False, True)
    )
    assert recomputing < 0.6 * plain
    assert (
        LOWEST
        < recomputing / measured(Training(architecture, "lora", trainers=trainers, recompute=True))
        < HIGHEST
    )


def test_what_is_kept_between_steps_is_what_is_trained_and_two_moments() -> None:
    model = empty_from(config("Llama"))
    tuned = outlined("lora", {"r": 4}, model, find_target_modules(model, None))
    assert trace([tuned], (1, 8), padded=False).kept == 12 * tuned.count


def test_activations_grow_with_the_rows_and_the_base_is_left_as_it_was() -> None:
    model = empty_from(config("GPTBigCode"))
    tuned = outlined("lora", {}, model, find_target_modules(model, None))
    one, four = (trace([tuned], (number, LENGTH), padded=False).peak for number in (1, 4))
    assert 3 < four / one < 4
    assert not model.training
    assert all(parameter.grad is None for parameter in tuned.trainable().values())


@pytest.mark.parametrize("architecture", ["Qwen3Moe", "DeepseekV3"])
def test_experts_and_latent_attention_are_traced(architecture: str) -> None:
    model = outline(architecture)
    tuned = outlined("lora", {"r": 3}, model, find_target_modules(model, None))
    peak = trace([tuned], (ROWS, LENGTH), padded=False).peak
    assert peak > trace([tuned], (ROWS, LENGTH // 2), padded=False).peak
