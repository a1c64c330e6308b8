"""Activation checkpointing changes no loss and no gradient, with any dropout and any methods."""

from collections.abc import Callable, Sequence

import pytest
import torch
from torch import nn

from astraios_ray.data.tokenise import Blocks
from astraios_ray.errors import ConfigError
from astraios_ray.shared_pass.activation_checkpointing import recompute_blocks
from astraios_ray.training.passes import backward
from astraios_ray.training.trial_trainer import TrialTrainer
from tests.contracts.base_watch import Watch
from tests.fakes.tiny_models import ARCHITECTURES
from tests.training.trials import few_blocks, ragged_blocks, tiny_base, trial

SHARED = ("lora", "adapter_h", "ia3", "adapter_p", "lora", "parallel")
UNSHARED = (*SHARED[:3], "p_tuning", "full", "peft:LOHA")


def trainers(
    names: Sequence[str], architecture: str, blocks: Blocks, *, recompute: bool
) -> list[TrialTrainer]:
    """Trainers on one base, which has its own dropout where the architecture has any."""
    base = tiny_base(architecture)
    base.model.double()
    specs = [
        trial(name, number=n, seed=n, activation_checkpointing=recompute) for n, name in enumerate(names)
    ]
    return [TrialTrainer(base, blocks, spec) for spec in specs]


def learnt(trainers: Sequence[TrialTrainer]) -> list[torch.Tensor]:
    """Losses and gradients of one pass that all of ``trainers`` share."""
    losses = backward([trainer.training_parts() for trainer in trainers])
    parameters = [parameter for trainer in trainers for parameter in trainer.tuned.trainable().values()]
    return [torch.tensor(losses), *(p.grad for p in parameters if p.grad is not None)]


def calls(trainer: TrialTrainer) -> list[int]:
    """A list that grows with every call of a layer of the base's first block."""
    counts = list[int]()
    (layer,) = (module for name, module in trainer.tuned.base.named_modules() if name.endswith("0.mlp"))
    layer.register_forward_pre_hook(lambda _, inputs: counts.append(1))
    return counts


@pytest.mark.parametrize("blocks", [few_blocks, ragged_blocks])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_shared_pass_learns_the_same_to_the_bit(architecture: str, blocks: Callable[[], Blocks]) -> None:
    plain, recomputing = (
        trainers(SHARED, architecture, blocks(), recompute=recompute) for recompute in (False, True)
    )
    layer_calls = calls(recomputing[0])
    results, expected = learnt(recomputing), learnt(plain)
    assert len(layer_calls) == 2
    assert len(expected) > len(SHARED)
    assert all(torch.equal(a, b) for a, b in zip(results, expected, strict=True))


@pytest.mark.parametrize("method", UNSHARED)
@pytest.mark.parametrize("blocks", [few_blocks, ragged_blocks])
def test_a_pass_alone_learns_the_same_to_the_bit(method: str, blocks: Callable[[], Blocks]) -> None:
    plain, recomputing = (
        trainers((method,), "GPTBigCode", blocks(), recompute=recompute) for recompute in (False, True)
    )
    layer_calls = calls(recomputing[0])
    results, expected = learnt(recomputing), learnt(plain)
    assert len(layer_calls) == 2
    assert all(torch.equal(a, b) for a, b in zip(results, expected, strict=True))


def test_a_step_in_several_passes_draws_on_as_it_would() -> None:
    specs = [
        trial("lora", micro_batch_size=1, activation_checkpointing=recompute) for recompute in (False, True)
    ]
    plain, recomputing = (TrialTrainer(tiny_base(), few_blocks(), spec) for spec in specs)
    assert [recomputing.step() for _ in range(3)] == [plain.step() for _ in range(3)]


def test_validation_computes_nothing_twice_and_the_base_is_as_it_was() -> None:
    (trainer,) = trainers(("lora",), "Llama", few_blocks(), recompute=True)
    layer_calls, watch = calls(trainer), Watch(trainer.tuned.base)
    trainer.step()
    del layer_calls[:]
    trainer.validate()
    assert len(layer_calls) == len(list(trainer.validation_parts()))
    watch.check()


def test_a_model_without_blocks_is_refused() -> None:
    model = nn.Sequential(nn.Linear(2, 2))
    expected = pytest.raises(
        ConfigError, match=r"training.activation_checkpointing: Sequential has no blocks"
    )
    with expected, recompute_blocks(model, torch.no_grad):
        pass
