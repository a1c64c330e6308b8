"""Optimisers that store less learn what AdamW in float32 learns, and go on from their checkpoints."""

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
import torch
from torch import nn

from astraios_ray.errors import ConfigError
from astraios_ray.models.load_base import Base
from astraios_ray.models.nano import random_model
from astraios_ray.records import Recipe, TrialSpec
from astraios_ray.training.optimizers import OPTIMIZERS, optimizer_kind
from astraios_ray.training.rounded_adamw import RoundedAdamW
from astraios_ray.training.trial_trainer import TrialTrainer
from tests.fakes.tiny_models import target_modules_of
from tests.training.trials import METHODS, MODEL, few_blocks, tiny_base, trial

STEPS = 60
SMALLER = ("adamw_bf16", "adamw_8bit")
each_smaller = pytest.mark.parametrize("optimizer", SMALLER)


def spec_of(optimizer: str, method: str = "full", rate: float = 1e-5) -> TrialSpec:
    made = trial(method, max_steps=STEPS, learning_rate=rate)
    return replace(made, recipe=replace(made.recipe, optimizer=optimizer))


def trainer(dtype: torch.dtype, optimizer: str = "adamw") -> TrialTrainer:
    """A trial of ``full`` on a random model in ``dtype`` whose weights bf16 holds exactly."""
    model = random_model("nano-xs", seed=0).to(torch.bfloat16).to(dtype).requires_grad_(False).eval()
    base = Base(model, cast(Any, None), target_modules_of("GPTBigCode"), MODEL, "random")
    return TrialTrainer(base, few_blocks(), spec_of(optimizer))


def drop(trainer: TrialTrainer) -> float:
    before = trainer.validate()
    for _ in range(STEPS):
        trainer.step()
    return before - trainer.validate()


def dtypes_of_moments(trainer: TrialTrainer) -> set[torch.dtype]:
    states = trainer._optimizer.state.values()
    names = ("exp_avg", "exp_avg_sq", "state1", "state2")
    return {state[name].dtype for state in states for name in names if name in state}


@each_smaller
def test_small_learning_rates_lower_the_loss_about_as_far_as_in_float32(optimizer: str) -> None:
    assert drop(trainer(torch.bfloat16, optimizer)) == pytest.approx(drop(trainer(torch.float32)), rel=0.05)


def test_without_masters_weights_gradients_and_moments_are_bf16() -> None:
    rounding = trainer(torch.bfloat16, "adamw_bf16")
    (part,) = rounding.training_parts()
    rounding.step()
    assert dtypes_of_moments(rounding) == {torch.bfloat16}
    assert {parameter.dtype for parameter in rounding._trained.values()} == {torch.bfloat16}
    assert set(map(id, rounding._trained.values())) == set(map(id, rounding.tuned.trainable().values()))
    assert part.weight == 1.0


def test_moments_in_8_bits_are_of_float32_masters_and_small_tensors_keep_float32() -> None:
    compact = trainer(torch.bfloat16, "adamw_8bit")
    compact.step()
    assert dtypes_of_moments(compact) == {torch.uint8, torch.float32}
    for parameter, state in compact._optimizer.state.items():
        assert parameter.dtype == torch.float32
        assert (state["state1"].dtype == torch.uint8) is (parameter.numel() >= 4096)


@each_smaller
def test_saved_and_loaded_it_goes_on_as_if_nothing_had_been(optimizer: str, tmp_path: Path) -> None:
    unbroken = trainer(torch.bfloat16, optimizer)
    losses = [unbroken.step() for _ in range(6)]
    first = trainer(torch.bfloat16, optimizer)
    first_losses = [first.step() for _ in range(3)]
    first.save(tmp_path)
    second = trainer(torch.bfloat16, optimizer)
    second.load(tmp_path, 3)
    assert first_losses + [second.step() for _ in range(3)] == losses
    assert second.validate() == unbroken.validate()


@pytest.mark.parametrize("method", METHODS)
def test_float32_weights_are_trained_as_by_adamw(method: str) -> None:
    usual, rounding = (
        TrialTrainer(tiny_base("Llama"), few_blocks(), spec_of(optimizer, method, rate=1e-2))
        for optimizer in ("adamw", "adamw_bf16")
    )
    assert [rounding.step() for _ in range(5)] == pytest.approx([usual.step() for _ in range(5)], abs=1e-6)


def test_second_moments_in_bf16_shrink_on_average() -> None:
    weight = nn.Parameter(torch.zeros(20_000, dtype=torch.bfloat16))
    optimizer = RoundedAdamW([weight], lr=0.0)
    weight.grad = torch.ones_like(weight)
    optimizer.step()
    before = optimizer.state[weight]["exp_avg_sq"].float().mean()
    weight.grad = torch.zeros_like(weight)
    torch.manual_seed(0)
    for _ in range(100):
        optimizer.step()
    after = optimizer.state[weight]["exp_avg_sq"].float().mean()
    assert float(after / before) == pytest.approx(0.999**100, rel=1e-2)


@pytest.mark.parametrize("optimizer", [name for name, kind in OPTIMIZERS.items() if kind.pages])
def test_a_paged_optimiser_needs_a_gpu_and_names_the_one_that_does_not(optimizer: str) -> None:
    assert optimizer_kind(optimizer, "cuda:0").pages
    smaller = optimizer.removeprefix("paged_")
    with pytest.raises(
        ConfigError, match=rf"training\.optimizer: {optimizer} needs a GPU.* Write {smaller},"
    ):
        TrialTrainer(tiny_base(), few_blocks(), spec_of(optimizer))


def test_every_optimiser_of_a_study_is_there() -> None:
    assert Recipe().optimizer in OPTIMIZERS


@pytest.mark.parametrize("method", METHODS)
def test_every_method_on_a_bf16_base_moves_float32_weights(method: str) -> None:
    base = tiny_base("Llama")
    base.model.to(torch.bfloat16)
    trainer = TrialTrainer(base, few_blocks(), spec_of("adamw", method))
    trainer.step()
    assert {parameter.dtype for parameter in trainer._trained.values()} == {torch.float32}
    assert dtypes_of_moments(trainer) == {torch.float32}
