"""The learning rate as a function of the step, and which parameters decay."""

import math
import re
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from astraios_ray.errors import ConfigError
from astraios_ray.records import Recipe
from astraios_ray.training.optimizers import OPTIMIZERS

NO_DECAY = re.compile(r"bias|layernorm|rmsnorm|(^|\.|_)norm($|\.)", re.IGNORECASE)


def learning_rate(recipe: Recipe, step: int) -> float:
    """The rate of optimiser step ``step`` (from 0), as transformers' schedules define it.

    Warm-up is linear from zero, so that step 0 does not move the parameters; then cosine to zero,
    linear to zero, or constant, over all of ``max_steps``, wherever a trial is stopped.
    """
    if step < recipe.warmup_steps:
        return recipe.learning_rate * step / max(1, recipe.warmup_steps)
    progress = (step - recipe.warmup_steps) / max(1, recipe.max_steps - recipe.warmup_steps)
    if recipe.schedule == "cosine":
        return recipe.learning_rate * max(0.0, 0.5 * (1.0 + math.cos(math.pi * progress)))
    if recipe.schedule == "linear":
        return recipe.learning_rate * max(0.0, 1.0 - progress)
    if recipe.schedule == "constant":
        return recipe.learning_rate
    raise ConfigError(f"schedule: found {recipe.schedule!r}; known: cosine, linear, constant.")


def make_optimizer(
    model: nn.Module,
    trainable: Mapping[str, nn.Parameter],
    recipe: Recipe,
    masters: Mapping[str, nn.Parameter] | None = None,
) -> torch.optim.Optimizer:
    """The recipe's AdamW with the defaults of transformers' Trainer: betas 0.9 and 0.999, no decay on biases
    and norms.

    ``trainable`` are parameters of ``model``. With ``masters``, it updates those of the same names instead.
    """
    undecayed = _undecayed(model, trainable)
    decays = {name: name not in undecayed for name in trainable}
    optimised = masters or trainable
    groups: list[dict[str, Any]] = [
        {
            "params": [optimised[name] for name in optimised if decays[name]],
            "weight_decay": recipe.weight_decay,
        },
        {"params": [optimised[name] for name in optimised if not decays[name]], "weight_decay": 0.0},
    ]
    return OPTIMIZERS[recipe.optimizer].make([g for g in groups if g["params"]], recipe.learning_rate)


def _undecayed(model: nn.Module, trainable: Mapping[str, nn.Parameter]) -> set[str]:
    """Names of the biases and of the parameters of norms."""
    norms = {id(p) for m in model.modules() if _is_norm(m) for p in m.parameters(recurse=False)}
    return {name for name, p in trainable.items() if NO_DECAY.search(name) or id(p) in norms}


def _is_norm(module: nn.Module) -> bool:
    return isinstance(module, nn.LayerNorm) or type(module).__name__.lower().endswith("norm")
