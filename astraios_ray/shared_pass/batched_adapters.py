"""Updates of one kind, of owners whose rows lie one after the other, computed as one."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import torch
from torch.nn.utils.rnn import pad_sequence

from astraios_ray.methods.layer_updates import LayerUpdate, LowRank, Scaled

Only = Callable[[int], AbstractContextManager[None]]  # inside, only that owner's rows are computed
T = TypeVar("T")


@dataclass(frozen=True)
class Layout:
    """How rows of several owners, one owner after the other, fill a block with equally many rows for each."""

    present: tuple[int, ...]  # the owners that have rows, by their index in the run
    owner: torch.Tensor  # by row, the index in ``present`` of its owner
    gather: torch.Tensor | None  # by position in the block, its row; None: the rows are the block
    positions: torch.Tensor | None  # by row, its position in the block

    def spread(self, x: torch.Tensor) -> torch.Tensor:
        """``x`` [rows, tokens, features] to [owners, rows of one * tokens, features].

        Filling rows are copies of a row of the same owner, so that no owner's NaN reaches another.
        """
        block = x if self.gather is None else x.index_select(0, self.gather)
        return block.reshape(len(self.present), -1, x.shape[-1])

    def joined(self, block: torch.Tensor, tokens: int) -> torch.Tensor:
        """The inverse: [rows, tokens, features]."""
        rows = block.reshape(-1, tokens, block.shape[-1])
        return rows if self.positions is None else rows.index_select(0, self.positions)


@lru_cache(maxsize=256)
def layout_of(rows: tuple[int, ...], device: torch.device) -> Layout:
    """The layout of ``rows``, the number of rows of each owner."""
    present = tuple(owner for owner, count in enumerate(rows) if count)
    counts = [rows[owner] for owner in present]
    row_counts = torch.tensor(counts)
    owner = torch.repeat_interleave(row_counts)
    if min(counts) == max(counts):
        return Layout(present, owner.to(device), None, None)
    starts, row = row_counts.cumsum(0) - row_counts, torch.arange(max(counts))
    real = row < row_counts[:, None]
    gather = torch.where(real, starts[:, None] + row, starts[:, None]).flatten()
    positions = real.flatten().nonzero().squeeze(1)
    return Layout(present, owner.to(device), gather.to(device), positions.to(device))


class _StackCache:
    """Stacked parameters, cached where they cannot change: without gradients."""

    def __init__(self) -> None:
        self._present: tuple[int, ...] | None = None
        self._tensors: tuple[torch.Tensor, ...] = ()

    def get(
        self, present: tuple[int, ...], make: Callable[[], tuple[torch.Tensor, ...]]
    ) -> tuple[torch.Tensor, ...]:
        if torch.is_grad_enabled():
            return make()
        if self._present != present:
            self._present, self._tensors = present, make()
        return self._tensors


class StackedLowRank:
    """Two matrix products per owner; smaller ranks are filled up with zeros."""

    def __init__(self, updates: Sequence[LowRank], owners: Sequence[int], only: Only) -> None:
        self._updates, self._owners, self._only = updates, owners, only
        self._first, self._cache = updates[0], _StackCache()

    def __call__(self, source: torch.Tensor, target: torch.Tensor, rows: Sequence[int]) -> torch.Tensor:
        """``target`` [rows, tokens, out] plus the updates, which depend on ``source`` [rows, tokens, in]."""
        layout = layout_of(tuple(rows), source.device)
        down, up, scale = self._cache.get(layout.present, lambda: self._stack(layout.present))
        hidden = torch.bmm(layout.spread(self._dropped(source.to(down.dtype), rows)), down)
        if self._first.nonlinear:
            hidden = torch.tanh(hidden)
        updated = torch.baddbmm(layout.spread(target.to(up.dtype)), hidden * scale, up)
        return layout.joined(updated, target.shape[1]).to(target.dtype)

    def _stack(self, present: Sequence[int]) -> tuple[torch.Tensor, ...]:
        updates = [self._updates[owner] for owner in present]
        down = pad_sequence([update.down.weight for update in updates], batch_first=True)
        up = pad_sequence([update.up.weight.T for update in updates], batch_first=True)
        scale = torch.tensor([update.scale for update in updates], dtype=up.dtype, device=up.device)
        return down.transpose(1, 2), up, scale[:, None, None]

    def _dropped(self, source: torch.Tensor, rows: Sequence[int]) -> torch.Tensor:
        """Each owner's rows through its own dropout, drawn from its own random numbers."""
        active = [
            update.dropout.training and getattr(update.dropout, "p", 0.0) > 0 for update in self._updates
        ]
        if not any(active):
            return source
        parts = list(torch.split(source, list(rows)))
        for number, update in enumerate(self._updates):
            if active[number]:
                with self._only(self._owners[number]):
                    parts[number] = update.dropout(parts[number])
        return torch.cat(parts)


class StackedScaled:
    """The product of each row with its owner's factors."""

    def __init__(self, updates: Sequence[Scaled]) -> None:
        self._updates, self._cache = updates, _StackCache()

    def __call__(self, source: torch.Tensor, target: torch.Tensor, rows: Sequence[int]) -> torch.Tensor:
        """``target`` [rows, tokens, features], scaled; ``source`` is not used."""
        layout = layout_of(tuple(rows), target.device)
        (factors,) = self._cache.get(layout.present, lambda: self._stack(layout.present))
        return (target * factors.index_select(0, layout.owner)[:, None]).to(target.dtype)

    def _stack(self, present: Sequence[int]) -> tuple[torch.Tensor, ...]:
        return (torch.stack([self._updates[owner].factors.flatten() for owner in present]),)


def stack_updates(
    updates: Sequence[LayerUpdate], owners: Sequence[int], only: Only
) -> StackedLowRank | StackedScaled:
    """``updates`` of one kind, of ``owners`` in this order, as one."""
    low_rank = [update for update in updates if isinstance(update, LowRank)]
    if low_rank:
        return StackedLowRank(low_rank, owners, only)
    return StackedScaled([update for update in updates if isinstance(update, Scaled)])
