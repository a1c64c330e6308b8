"""A bf16 model under full fine-tuning learns what it learns in float32."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any, cast

import pytest
import torch
from torch import nn

from astraios_ray.errors import TornFile
from astraios_ray.models.load_base import Base
from astraios_ray.models.nano import random_model
from astraios_ray.training.master_weights import MasterWeights
from astraios_ray.training.runtime import Runtime, WorkerGroup
from astraios_ray.training.trial_trainer import TrialTrainer
from tests.fakes.tiny_models import target_modules_of
from tests.training.trials import MODEL, few_blocks, trial

STEPS = 120
BF16 = torch.bfloat16


def trainer(dtype: torch.dtype, runtime: Runtime | None = None) -> TrialTrainer:
    """A trial of ``full`` on a random model in ``dtype`` whose weights bf16 holds exactly."""
    model = random_model("nano-xs", seed=0).to(BF16).to(dtype).requires_grad_(False).eval()
    base = Base(model, cast(Any, None), target_modules_of("GPTBigCode"), MODEL, "random")
    return TrialTrainer(base, few_blocks(), trial("full", max_steps=STEPS, learning_rate=1e-5), runtime)


def backward(loss: torch.Tensor) -> None:
    loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it without types


def drops(dtype: torch.dtype) -> list[float]:
    """The drop of the validation loss at the last step, from the base and from step 20."""
    trial_trainer = trainer(dtype)
    base_loss = trial_trainer.validate()
    for _ in range(20):
        trial_trainer.step()
    loss_at_20 = trial_trainer.validate()
    for _ in range(STEPS - 20):
        trial_trainer.step()
    return [base_loss - trial_trainer.validate(), loss_at_20 - trial_trainer.validate()]


def test_small_learning_rates_lower_the_loss_as_far_as_in_float32() -> None:
    assert drops(BF16) == pytest.approx(drops(torch.float32), rel=0.02)


def test_what_the_optimiser_moves_and_keeps_is_float32_and_the_pass_is_not() -> None:
    trial_trainer = trainer(BF16)
    trial_trainer.step()
    state = trial_trainer._optimizer.state
    assert {value.dtype for moments in state.values() for value in moments.values()} == {torch.float32}
    assert {parameter.dtype for parameter in state} == {torch.float32}
    assert {parameter.dtype for parameter in trial_trainer.tuned.model.parameters()} == {BF16}


def test_saved_and_loaded_it_goes_on_as_if_nothing_had_been(tmp_path: Path) -> None:
    unbroken = trainer(BF16)
    losses = [unbroken.step() for _ in range(6)]
    first = trainer(BF16)
    first_losses = [first.step() for _ in range(3)]
    first.save(tmp_path)
    second = trainer(BF16)
    second.load(tmp_path, 3)
    assert first_losses + [second.step() for _ in range(3)] == losses
    assert second.validate() == unbroken.validate()


def test_a_checkpoint_without_float32_weights_is_refused_with_what_to_do(tmp_path: Path) -> None:
    other = trainer(torch.float32)
    other.step()
    other.save(tmp_path)
    with pytest.raises(TornFile, match=r"0 float32 weights were found, .* `fresh`"):
        trainer(BF16).load(tmp_path, 1)


def test_a_parameter_in_float32_is_its_own_master() -> None:
    weight = nn.Parameter(torch.ones(3))
    masters = MasterWeights({"weight": weight})
    assert masters.parameters["weight"] is weight
    assert not masters.state()
    backward((weight * 2).sum())
    assert torch.equal(cast(torch.Tensor, weight.grad), torch.full((3,), 2.0))


def test_gradients_of_many_passes_are_added_up_in_float32() -> None:
    """In bf16 256 + 1 is 256."""
    weight = nn.Parameter(torch.ones(1, dtype=BF16))
    masters = MasterWeights({"weight": weight})
    backward((weight * 256).sum())
    for _ in range(9):
        backward(weight.sum())
    assert weight.grad is None
    assert float(cast(torch.Tensor, masters.parameters["weight"].grad)) == 265


def test_rounding_hits_a_neighbour_and_the_master_on_average() -> None:
    weight = nn.Parameter(torch.ones(4000, dtype=BF16))
    masters = MasterWeights({"weight": weight})
    values = torch.linspace(-2, 2, 4000)
    with torch.no_grad():
        masters.parameters["weight"].copy_(values)
    torch.manual_seed(0)
    total = torch.zeros(4000)
    for _ in range(500):
        masters.round_into_model(nullcontext())
        difference = (weight.detach().float() - values).abs()
        assert bool((difference <= 2**-7 * values.abs()).all())
        total += weight.detach().float()
    assert torch.allclose(total / 500, values, rtol=0, atol=2e-3)
    assert float((total / 500 - values).mean()) == pytest.approx(0, abs=2e-5)


@pytest.mark.parametrize("value", [0.0, 1.0, -0.375, float("inf"), float("-inf"), float("nan")])
def test_what_bf16_holds_is_never_changed(value: float) -> None:
    weight = nn.Parameter(torch.full((64,), value, dtype=BF16))
    original = weight.detach().clone()
    MasterWeights({"weight": weight}).round_into_model(nullcontext())
    assert torch.equal(weight, original) or bool(weight.isnan().all() & original.isnan().all())


def test_workers_of_a_lane_round_alike() -> None:
    workers = [trainer(BF16, WorkerGroup("cpu", rank, 2)) for rank in range(2)]
    for worker in workers:
        with torch.no_grad():
            for master in worker._trained.values():
                master.add_(1e-3)
        worker._weights.round_into_model(worker._rounding.at(1))
    first, second = (list(worker.tuned.model.parameters()) for worker in workers)
    assert all(torch.equal(*pair) for pair in zip(first, second, strict=True))
