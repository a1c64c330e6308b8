"""A copy of a model for a method that changes the base."""

from copy import deepcopy

import torch
from torch import nn


def private_copy(model: nn.Module) -> nn.Module:
    """``model`` with weights of its own, and without what a pass left in its modules.

    RecurrentGemma and models like it keep the states of the last rows there, with the graph of their pass.
    """
    values = (value for module in model.modules() for value in vars(module).values())
    leftover = {id(value): None for value in values if isinstance(value, torch.Tensor) and value.grad_fn}
    return deepcopy(model, leftover)
