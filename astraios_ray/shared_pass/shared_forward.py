"""Several TunedModel on one base at once: one forward pass, each working on rows of its own."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from copy import copy
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import torch
from torch import nn

from astraios_ray.methods.changes import LayerUpdate, Side
from astraios_ray.methods.injection import LayerReplacement
from astraios_ray.methods.tuned import Batch, TunedModel
from astraios_ray.shared_pass.activation_checkpointing import recomputed
from astraios_ray.shared_pass.batched_adapters import StackedLowRank, StackedScaled, stacked
from astraios_ray.shared_pass.chunked_loss import mean_losses
from astraios_ray.shared_pass.padding_free import Padded, Unpadded
from astraios_ray.shared_pass.per_trial_dropout import Draws, OwnDropout, Owners


class SharedLayer(nn.Module):
    """A layer of the base, called once for all rows; around it each owner's change on the owner's rows.

    Neighbours whose changes are of one kind are computed as one.
    """

    def __init__(self, base_layer: nn.Module, swaps: dict[int, LayerReplacement], owners: Owners) -> None:
        super().__init__()
        self.base_layer = base_layer
        self._owners = owners
        changes = {owner: swap.change for owner, swap in swaps.items() if swap.change}
        self._runs = {side: _runs(side, changes, owners) for side in Side}

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``x`` [rows of all owners, ..., in] to [rows, ..., out]."""
        z: torch.Tensor = self.base_layer(self._changed(Side.BEFORE, x, x))
        return self._changed(Side.AFTER, x, z)

    def _changed(self, side: Side, x: torch.Tensor, whole: torch.Tensor) -> torch.Tensor:
        runs = self._runs[side]
        if all(run.compute is None for run in runs):
            return whole
        rows = self._owners.rows
        # a row may have become several, one after the other
        asked, given = (part.reshape(sum(rows), -1, part.shape[-1]) for part in (x, whole))
        sizes = [sum(rows[run.start : run.end]) for run in runs]
        pieces = [
            run.compute(seen if run.sees_input else piece, piece, rows[run.start : run.end])
            if run.compute and len(piece)
            else piece
            for run, seen, piece in zip(
                runs, torch.split(asked, sizes), torch.split(given, sizes), strict=True
            )
        ]
        return (pieces[0] if len(pieces) == 1 else torch.cat(pieces)).reshape(whole.shape)


@dataclass(frozen=True)
class _Run:
    """Neighbouring owners, ``end`` excluded, that do the same kind of thing at one layer, or nothing."""

    start: int
    end: int
    sees_input: bool = False
    compute: StackedLowRank | StackedScaled | None = None


def _runs(side: Side, changes: dict[int, LayerUpdate], owners: Owners) -> list[_Run]:
    here: list[LayerUpdate | None] = [None] * owners.count
    for owner, known in changes.items():
        here[owner] = known if known.side is side else None
    runs: list[_Run] = []
    for _, numbers in groupby(range(owners.count), lambda n: change.kind if (change := here[n]) else None):
        run = list(numbers)
        alike = [change for n in run if (change := here[n])]
        compute = stacked(alike, run, owners.only) if alike else None
        sees_input = bool(alike) and alike[0].sees is Side.BEFORE
        runs.append(_Run(run[0], run[-1] + 1, sees_input, compute))
    return runs


class Together:
    """What may be asked of several TunedModel while they are ``together``."""

    def __init__(self, base: nn.Module, tuned: Sequence[TunedModel], owners: Owners) -> None:
        self._base, self._tuned, self._owners = base, tuned, owners

    def losses(
        self, batches: Sequence[Batch], *, unpadded: bool = False, recompute: bool = False
    ) -> list[torch.Tensor]:
        """Each TunedModel's mean loss over its own batch, as its model alone would give it; scalars.

        Batches hold input_ids, and attention_mask and labels on the CPU; rows of one length over all, unless
        they are computed ``unpadded`` (see there). ``recompute``: with activation checkpointing.
        """
        base: Any = self._base
        prepared = [tuned.prepare(batch) for tuned, batch in zip(self._tuned, batches, strict=True)]
        rows = Unpadded(prepared, base) if unpadded else Padded(prepared)
        self._owners.rows = rows.counts

        def again() -> AbstractContextManager[None]:
            return self._around(rows, [copy(draws) for draws in self._owners.draws])  # as they are just now

        def call() -> Any:
            kept = recomputed(base, again) if recompute else nullcontext()
            with kept, self._around(rows, self._owners.draws):
                return base(**rows.given, use_cache=False)

        return mean_losses(base, call, rows.targets)

    @contextmanager
    def _around(self, rows: Padded | Unpadded, draws: Sequence[Draws]) -> Iterator[None]:
        base: Any = self._base
        own = OwnDropout(self._owners, base.device) if base.training else nullcontext()
        with self._owners.drawing(draws), own, rows.attention(self._owners.only):
            yield

    @property
    def config(self) -> Any:
        """The base's."""
        return self._base.config

    @property
    def virtual_tokens(self) -> Sequence[int]:
        """By TunedModel."""
        return [tuned.virtual_tokens for tuned in self._tuned]

    def begin(self, prompts: Sequence[torch.Tensor], cache: Any) -> Any:
        """The base's output for each TunedModel's own prompts [rows, tokens], of one length over those that have
        any, virtual tokens included; with logits of the last token alone.
        """
        self._owners.rows = [len(prompt) for prompt in prompts]
        there = [(tuned, prompt) for tuned, prompt in zip(self._tuned, prompts, strict=True) if len(prompt)]
        prepared = [tuned.prepare({"input_ids": prompt}) for tuned, prompt in there]
        given = {name: torch.cat([batch[name] for batch in prepared]) for name in prepared[0]}
        base: Any = self._base
        return base(**given, past_key_values=cache, use_cache=True, logits_to_keep=1)

    def go_on(self, rows: Sequence[int], tokens: torch.Tensor, cache: Any, **target_modules: Any) -> Any:
        """The base's output for one more token a row, [rows, 1]; ``rows`` says how many are whose."""
        self._owners.rows = list(rows)
        base: Any = self._base
        return base(input_ids=tokens, past_key_values=cache, use_cache=True, **target_modules)


@contextmanager
def together(tuned: Sequence[TunedModel], draws: Sequence[Draws], *, training: bool) -> Iterator[Together]:
    """Inside, the layers of all ``tuned`` are in the base; afterwards it is as before, in eval mode.

    All of them must have ``packs`` and the same ``base``; those whose rows begin in one pass, as many
    ``virtual_tokens``. ``draws`` is entered whenever random numbers are drawn for the rows of the TunedModel at
    the same place.
    Raises RuntimeError when another TunedModel is attached; then nothing is changed.
    """
    owners, target_modules = Owners(draws), _by_place(tuned)
    for swaps in target_modules:
        first = next(iter(swaps.values()))
        if first.parent._modules[first.name] is not first.original:
            raise RuntimeError(
                f"{first.name} of {type(first.parent).__name__}: another TunedModel is attached."
            )
    try:
        for swaps in target_modules:
            _share(swaps, owners, training)
        for model in {id(each.model): each.model for each in tuned}.values():
            model.train(training)
        yield Together(tuned[0].base, tuned, owners)
    finally:
        for model in {id(each.model): each.model for each in tuned}.values():
            model.eval()
        for swaps in target_modules:
            _unshare(swaps)


def _by_place(tuned: Sequence[TunedModel]) -> list[dict[int, LayerReplacement]]:
    """For each place of the base where anything is replaced: who replaces it by what."""
    target_modules: dict[tuple[int, str], dict[int, LayerReplacement]] = {}
    for owner, each in enumerate(tuned):
        for swap in each.swaps:
            target_modules.setdefault((id(swap.parent), swap.name), {})[owner] = swap
    return list(target_modules.values())


def _share(swaps: dict[int, LayerReplacement], owners: Owners, training: bool) -> None:
    first = next(iter(swaps.values()))
    for swap in swaps.values():
        if swap.replacement.training != training:
            swap.replacement.train(training)
    setattr(first.parent, first.name, SharedLayer(first.original, swaps, owners))


def _unshare(swaps: dict[int, LayerReplacement]) -> None:
    first = next(iter(swaps.values()))
    setattr(first.parent, first.name, first.original)
