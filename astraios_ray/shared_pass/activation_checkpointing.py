"""Activation checkpointing: blocks keep their input alone, and are computed again in the backward pass.

The idea is that of Chen et al. 2016 (arXiv 1604.06174). What a block draws and what surrounds it then is as
it was the first time.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial

from torch import nn
from torch.utils.checkpoint import checkpoint
from transformers.modeling_layers import GradientCheckpointingLayer

from astraios_ray.errors import ConfigError

Again = Callable[
    [], AbstractContextManager[object]
]  # asked before a block; entered when it is computed again


@contextmanager
def recomputed(model: nn.Module, again: Again) -> Iterator[None]:
    """In forward passes inside, ``model``'s blocks keep their input alone. ConfigError: it has no blocks."""
    blocks = [module for module in model.modules() if isinstance(module, GradientCheckpointingLayer)]
    if not blocks:
        raise ConfigError(
            f"training.activation_checkpointing: {type(model).__name__} has no blocks that transformers can "
            "compute again. Set it to false."
        )
    computed = partial(checkpoint, use_reentrant=False, context_fn=lambda: (nullcontext(), again()))
    for block in blocks:
        block.gradient_checkpointing, block._gradient_checkpointing_func = True, computed
    try:
        yield
    finally:
        for block in blocks:
            del block.gradient_checkpointing, block._gradient_checkpointing_func
