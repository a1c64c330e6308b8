"""A method trained on a base for a few steps, with the state of the base before."""

from copy import deepcopy
from dataclasses import dataclass

import torch
from torch import nn

from astraios_ray.methods import TunedModel, build
from astraios_ray.records import TargetModules
from tests.contracts.base_watch import Watch
from tests.fakes.tiny_models import SMALL, optimizer_of, step, tokens

STEPS = 4


@dataclass(frozen=True)
class Trained:
    """``losses`` are of the same rows at each step; ``plain`` are the base's logits before training."""

    base: nn.Module
    target_modules: TargetModules
    tuned: TunedModel
    watch: Watch
    plain: torch.Tensor
    losses: list[float]


def trained_on(base: nn.Module, target_modules: TargetModules, name: str) -> Trained:
    """The method in a small size, on ``base`` or on a copy where it does not share; it is detached."""
    method = build(name, SMALL.get(name, {}))
    watch, plain = Watch(base), base(tokens()).logits
    tuned = method.apply(base if method.traits.shares_base else deepcopy(base), target_modules, 0)
    watch.check()
    optimizer = optimizer_of(tuned)
    losses = [step(tuned, optimizer, 0) for _ in range(STEPS)]
    return Trained(base, target_modules, tuned, watch, plain, losses)
