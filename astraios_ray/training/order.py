"""Which rows a trial sees at which step: the same for every trial of the same seed."""

from functools import lru_cache

import torch


def rows_of_step(step: int, batch_size: int, rows: int, seed: int) -> torch.Tensor:
    """Row numbers of optimiser step ``step`` (from 0): int64 [batch_size].

    The rows are walked in a new seeded order each epoch, and a batch may straddle two epochs. It
    depends on nothing but the arguments, so a trial resumes where it was without any saved position.
    """
    start = step * batch_size
    target_modules = range(start, start + batch_size)
    return torch.stack([_order(place // rows, rows, seed)[place % rows] for place in target_modules])


@lru_cache(maxsize=64)
def _order(epoch: int, rows: int, seed: int) -> torch.Tensor:
    return torch.randperm(rows, generator=torch.Generator().manual_seed(seed * 1_000_003 + epoch))
