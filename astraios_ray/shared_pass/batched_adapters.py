"""Changes of one kind, of owners whose rows lie one after the other, computed as one."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import torch
from torch.nn.utils.rnn import pad_sequence

from astraios_ray.methods.changes import LayerUpdate, LowRank, Scaled

Only = Callable[[int], AbstractContextManager[None]]  # inside, only that owner's rows are computed
T = TypeVar("T")


@dataclass(frozen=True)
class Layout:
    """How rows of several owners, one's after the other's, fill a block with as many rows for each."""

    present: tuple[int, ...]  # the owners with rows, by their place in the run
    owner: torch.Tensor  # by row, which of those present it belongs to
    gather: torch.Tensor | None  # by place in the block, its row; None: the rows are the block
    target_modules: torch.Tensor | None  # by row, its place in the block

    def spread(self, x: torch.Tensor) -> torch.Tensor:
        """``x`` [rows, tokens, features] to [owners, rows of one * tokens, features].

        Rows that only fill up are copies of their own owner's, so that no owner's NaN reaches another.
        """
        block = x if self.gather is None else x.index_select(0, self.gather)
        return block.reshape(len(self.present), -1, x.shape[-1])

    def joined(self, block: torch.Tensor, tokens: int) -> torch.Tensor:
        """The inverse: [rows, tokens, features]."""
        rows = block.reshape(-1, tokens, block.shape[-1])
        return rows if self.target_modules is None else rows.index_select(0, self.target_modules)


@lru_cache(maxsize=256)
def layout_of(rows: tuple[int, ...], device: torch.device) -> Layout:
    """The layout of as many rows for each owner."""
    present = tuple(owner for owner, count in enumerate(rows) if count)
    counts = [rows[owner] for owner in present]
    many = torch.tensor(counts)
    owner = torch.repeat_interleave(many)
    if min(counts) == max(counts):
        return Layout(present, owner.to(device), None, None)
    starts, row = many.cumsum(0) - many, torch.arange(max(counts))
    there = row < many[:, None]
    gather = torch.where(there, starts[:, None] + row, starts[:, None]).flatten()
    target_modules = there.flatten().nonzero().squeeze(1)
    return Layout(present, owner.to(device), gather.to(device), target_modules.to(device))


class _Kept:
    """What was stacked from parameters, kept where they stay as they are: without gradients."""

    def __init__(self) -> None:
        self._of: tuple[int, ...] | None = None
        self._tensors: tuple[torch.Tensor, ...] = ()

    def or_made(
        self, present: tuple[int, ...], make: Callable[[], tuple[torch.Tensor, ...]]
    ) -> tuple[torch.Tensor, ...]:
        if torch.is_grad_enabled():
            return make()
        if self._of != present:
            self._of, self._tensors = present, make()
        return self._tensors


class StackedLowRank:
    """Two products of matrices by owner; smaller ranks are filled up with zeros."""

    def __init__(self, changes: Sequence[LowRank], owners: Sequence[int], only: Only) -> None:
        self._changes, self._owners, self._only = changes, owners, only
        self._first, self._kept = changes[0], _Kept()

    def __call__(self, seen: torch.Tensor, whole: torch.Tensor, rows: Sequence[int]) -> torch.Tensor:
        """``whole`` [rows, tokens, out] with what is added, from ``seen`` [rows, tokens, in]."""
        layout = layout_of(tuple(rows), seen.device)
        down, up, scale = self._kept.or_made(layout.present, lambda: self._stack(layout.present))
        hidden = torch.bmm(layout.spread(self._dropped(seen.to(down.dtype), rows)), down)
        if self._first.bends:
            hidden = torch.tanh(hidden)
        changed = torch.baddbmm(layout.spread(whole.to(up.dtype)), hidden * scale, up)
        return layout.joined(changed, whole.shape[1]).to(whole.dtype)

    def _stack(self, present: Sequence[int]) -> tuple[torch.Tensor, ...]:
        changes = [self._changes[owner] for owner in present]
        down = pad_sequence([change.down for change in changes], batch_first=True)
        up = pad_sequence([change.up.T for change in changes], batch_first=True)
        scale = torch.tensor([change.scale for change in changes], dtype=up.dtype, device=up.device)
        return down.transpose(1, 2), up, scale[:, None, None]

    def _dropped(self, seen: torch.Tensor, rows: Sequence[int]) -> torch.Tensor:
        """Each owner's rows through its own dropout, drawn from its own numbers."""
        active = [
            change.dropout.training and getattr(change.dropout, "p", 0.0) > 0 for change in self._changes
        ]
        if not any(active):
            return seen
        pieces = list(torch.split(seen, list(rows)))
        for place, change in enumerate(self._changes):
            if active[place]:
                with self._only(self._owners[place]):
                    pieces[place] = change.dropout(pieces[place])
        return torch.cat(pieces)


class StackedScaled:
    """One product of each row with its owner's factors."""

    def __init__(self, changes: Sequence[Scaled]) -> None:
        self._changes, self._kept = changes, _Kept()

    def __call__(self, seen: torch.Tensor, whole: torch.Tensor, rows: Sequence[int]) -> torch.Tensor:
        """``whole`` [rows, tokens, features], scaled; ``seen`` plays no part."""
        layout = layout_of(tuple(rows), whole.device)
        (factors,) = self._kept.or_made(layout.present, lambda: self._stack(layout.present))
        return (whole * factors.index_select(0, layout.owner)[:, None]).to(whole.dtype)

    def _stack(self, present: Sequence[int]) -> tuple[torch.Tensor, ...]:
        return (torch.stack([self._changes[owner].factors.flatten() for owner in present]),)


def stacked(
    changes: Sequence[LayerUpdate], owners: Sequence[int], only: Only
) -> StackedLowRank | StackedScaled:
    """Changes of one kind as one, those of ``owners`` in their order."""
    low_rank = [change for change in changes if isinstance(change, LowRank)]
    if low_rank:
        return StackedLowRank(low_rank, owners, only)
    return StackedScaled([change for change in changes if isinstance(change, Scaled)])
