"""Activation checkpointing: blocks keep only their input, and are computed again in the backward pass.

The idea is that of Chen et al. 2016 (arXiv 1604.06174). The second time a block draws the same random
numbers, inside the same contexts.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial

from torch import nn
from torch.utils.checkpoint import checkpoint
from transformers.modeling_layers import GradientCheckpointingLayer

from astraios_ray.errors import ConfigError

# called before a block; its result is entered when the block is computed again
RecomputeContext = Callable[[], AbstractContextManager[object]]


@contextmanager
def recompute_blocks(model: nn.Module, recompute_context: RecomputeContext) -> Iterator[None]:
    """In forward passes inside, ``model``'s blocks keep only their input. ConfigError if it has no blocks."""
    blocks = [module for module in model.modules() if isinstance(module, GradientCheckpointingLayer)]
    if not blocks:
        raise ConfigError(
            f"training.activation_checkpointing: {type(model).__name__} has no blocks that transformers can "
            "compute again. Set it to false."
        )
    computed = partial(
        checkpoint, use_reentrant=False, context_fn=lambda: (nullcontext(), recompute_context())
    )
    for block in blocks:
        block.gradient_checkpointing, block._gradient_checkpointing_func = True, computed
    try:
        yield
    finally:
        for block in blocks:
            del block.gradient_checkpointing, block._gradient_checkpointing_func
