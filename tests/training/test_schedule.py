"""The schedules and the decay rule are those of transformers."""

from typing import Any, cast

import pytest
import torch
from transformers import Trainer, get_scheduler

from astraios_ray.errors import ConfigError
from astraios_ray.methods import build
from astraios_ray.records import Recipe
from astraios_ray.training.schedule import learning_rate, make_optimizer
from tests.fakes.tiny_models import target_modules_of, tiny_model

TRANSFORMERS_NAMES = {"cosine": "cosine", "linear": "linear", "constant": "constant_with_warmup"}


@pytest.mark.parametrize("warmup", [0, 1, 12])
@pytest.mark.parametrize("schedule", TRANSFORMERS_NAMES)
def test_the_rate_of_every_step_is_that_of_transformers(schedule: str, warmup: int) -> None:
    recipe = Recipe(learning_rate=3e-3, max_steps=50, warmup_steps=warmup, schedule=schedule)
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=recipe.learning_rate)
    scheduler = get_scheduler(TRANSFORMERS_NAMES[schedule], optimizer, warmup, recipe.max_steps)
    for step in range(recipe.max_steps + 1):
        assert learning_rate(recipe, step) == pytest.approx(scheduler.get_last_lr()[0], abs=1e-12), step
        optimizer.step()
        scheduler.step()


def test_an_unknown_schedule_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="found 'sawtooth'; known: cosine, linear, constant"):
        learning_rate(Recipe(schedule="sawtooth", warmup_steps=0), 1)


@pytest.mark.parametrize("architecture", ["GPTBigCode", "Llama"])
def test_what_decays_is_what_decays_in_the_trainer_of_transformers(architecture: str) -> None:
    model = tiny_model(architecture)
    trainable = build("full", {}).apply(model, target_modules_of(architecture), 0).trainable()
    optimizer = make_optimizer(model, trainable, Recipe(weight_decay=0.05))
    decayed = {id(p) for g in optimizer.param_groups if g["weight_decay"] == 0.05 for p in g["params"]}
    names = {name for name, parameter in trainable.items() if id(parameter) in decayed}
    transformers_names = set(Trainer.get_decay_parameter_names(cast(Any, None), cast(Any, model)))
    assert names == transformers_names & trainable.keys()
    assert sum(len(group["params"]) for group in optimizer.param_groups) == len(trainable)


def test_biases_and_norms_do_not_decay() -> None:
    model = tiny_model()
    trainable = build("full", {}).apply(model, target_modules_of("GPTBigCode"), 0).trainable()
    optimizer = make_optimizer(model, trainable, Recipe())
    plain = {id(p) for g in optimizer.param_groups if not g["weight_decay"] for p in g["params"]}
    names = {name for name, parameter in trainable.items() if id(parameter) in plain}
    assert names == {name for name in trainable if name.endswith("bias") or ".ln_" in name}


def test_a_method_without_biases_has_one_group() -> None:
    model = tiny_model()
    trainable = build("lora", {"r": 3}).apply(model, target_modules_of("GPTBigCode"), 0).trainable()
    assert [len(g["params"]) for g in make_optimizer(model, trainable, Recipe()).param_groups] == [
        len(trainable)
    ]
