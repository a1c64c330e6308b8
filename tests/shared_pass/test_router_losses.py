"""Trials of a model with experts that share a pass have router losses and noise of their own tokens alone."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any, cast

import pytest
import torch
from transformers import AutoModelForCausalLM, GptOssConfig, MixtralConfig, PretrainedConfig, Qwen3MoeConfig

from astraios_ray.data.tokenise import Blocks
from astraios_ray.models.load_base import Base
from astraios_ray.records import TargetModules
from astraios_ray.training.passes import backward, forward
from astraios_ray.training.trial_trainer import TrialTrainer
from tests.fakes.tiny_models import SPLIT
from tests.training.trials import MODEL, few_blocks, ragged_blocks, trial

ATTENTION = TargetModules("any", ("q_proj", "k_proj", "v_proj"), ("o_proj",), (), (), ("k_proj", "v_proj"))
BALANCED = {"output_router_logits": True, "router_aux_loss_coef": 0.5, "num_experts_per_tok": 2}
EXPERTS = {**SPLIT, **BALANCED, "num_local_experts": 4, "head_dim": 8}
CONFIGS: Mapping[str, PretrainedConfig] = {
    "Qwen3Moe": Qwen3MoeConfig(**SPLIT, **BALANCED, num_experts=4, moe_intermediate_size=24, head_dim=8),
    "Mixtral": MixtralConfig(**EXPERTS, router_jitter_noise=0.3),
    "GptOss": GptOssConfig(**EXPERTS, sliding_window=8),
}
METHODS = ("parallel", "parallel", "p_tuning")
each_model = pytest.mark.parametrize("name", CONFIGS)
each_length = pytest.mark.parametrize("blocks", [few_blocks(), ragged_blocks()], ids=["padded", "ragged"])


def base(name: str, **changes: Any) -> Base:
    config = deepcopy(CONFIGS[name])
    config.update(changes)
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        model: Any = AutoModelForCausalLM.from_config(config)
        for parameter in model.parameters():
            torch.nn.init.normal_(parameter, std=0.3)
    return Base(model.requires_grad_(False).eval(), cast(Any, None), ATTENTION, MODEL, "random")


def trainers(
    base: Base, blocks: Blocks, methods: Sequence[str] = METHODS, **recipe: Any
) -> list[TrialTrainer]:
    specs = [trial(method, number=seed, seed=seed, **recipe) for seed, method in enumerate(methods)]
    return [TrialTrainer(base, blocks, spec) for spec in specs]


def gradients(trainer: TrialTrainer) -> torch.Tensor:
    parameters = trainer.tuned.trainable().values()
    flat = torch.cat([p.grad.flatten() for p in parameters if p.grad is not None])
    trainer.forget_gradients()
    return flat


def loss_of_transformers(trainer: TrialTrainer) -> float:
    (part,) = trainer.training_parts()
    with trainer.tuned.attached():
        model: Any = trainer.tuned.model.train()
        loss = model(**part.batch, use_cache=False).loss
        model.eval()
    return float(loss.detach())


@each_length
@pytest.mark.parametrize("name", ["Qwen3Moe", "GptOss"])  # Mixtral's noise would be drawn again
@pytest.mark.parametrize("method", ["parallel", "p_tuning", "full"])
def test_the_loss_of_a_step_is_that_of_transformers(method: str, name: str, blocks: Blocks) -> None:
    (trainer,) = trainers(base(name), blocks, [method])
    expected = loss_of_transformers(trainer)
    (loss,) = backward([trainer.training_parts()])
    assert loss == pytest.approx(expected, rel=1e-6)


@each_length
@each_model
def test_losses_and_gradients_of_a_shared_pass_are_those_alone(name: str, blocks: Blocks) -> None:
    for group in same_shape(trainers(base(name), blocks)):
        alone = [(backward([each.training_parts()])[0], gradients(each)) for each in group]
        shared = backward([each.training_parts() for each in group])
        for each, loss, (expected, expected_gradients) in zip(group, shared, alone, strict=True):
            assert loss == pytest.approx(expected, rel=1e-6)
            distance = (gradients(each) - expected_gradients).norm()
            assert distance <= 2e-6 * expected_gradients.norm()


@each_length
def test_tokens_of_one_trial_and_padding_do_not_move_the_loss_of_another(blocks: Blocks) -> None:
    first, second, _ = trainers(base("Qwen3Moe", router_aux_loss_coef=100.0), blocks)
    (alone,) = backward([first.training_parts()])
    (with_one, _) = backward([first.training_parts(), second.training_parts()])
    (_, with_other) = backward([second.training_parts(), first.training_parts()])
    assert with_one == pytest.approx(alone, rel=1e-6)
    assert with_other == pytest.approx(alone, rel=1e-6)


@each_length
def test_blocks_that_are_computed_again_have_the_same_loss(blocks: Blocks) -> None:
    model = base("Qwen3Moe")
    kept, again = (
        [*trainers(model, blocks, METHODS[:2], activation_checkpointing=it)] for it in (False, True)
    )
    expected = backward([each.training_parts() for each in kept])
    assert backward([each.training_parts() for each in again]) == pytest.approx(expected, rel=1e-6)
    for one, other in zip(kept, again, strict=True):
        assert torch.allclose(gradients(one), gradients(other), atol=1e-6)


def test_validation_counts_the_next_tokens_alone() -> None:
    balanced, plain = base("Qwen3Moe"), base("Qwen3Moe", output_router_logits=False)
    losses = [
        forward([trainers(it, few_blocks(), ["parallel"])[0].validation_parts()]) for it in (balanced, plain)
    ]
    assert losses[0] == losses[1]


def same_shape(trainers: Sequence[TrialTrainer]) -> list[list[TrialTrainer]]:
    """Those that can share a pass."""
    groups: dict[object, list[TrialTrainer]] = {}
    for trainer in trainers:
        groups.setdefault(trainer.shape, []).append(trainer)
    assert max(len(group) for group in groups.values()) > 1
    return list(groups.values())
