"""The rows that a trial sees at each step: the same for every trial of the same seed."""

from functools import lru_cache

import torch


def rows_of_step(step: int, batch_size: int, rows: int, seed: int) -> torch.Tensor:
    """Row numbers of optimiser step ``step`` (from 0): int64 [batch_size].

    Each epoch has a new seeded order of the rows, and a batch may straddle two epochs. The result depends
    on the arguments alone, so a trial resumes without any saved position.
    """
    start = step * batch_size
    positions = range(start, start + batch_size)
    return torch.stack([_order(position // rows, rows, seed)[position % rows] for position in positions])


@lru_cache(maxsize=64)
def _order(epoch: int, rows: int, seed: int) -> torch.Tensor:
    return torch.randperm(rows, generator=torch.Generator().manual_seed(seed * 1_000_003 + epoch))
