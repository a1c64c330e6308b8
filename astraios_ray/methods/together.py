"""Several Tuned on one base at once: one forward pass, each working on rows of its own."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
from torch import nn

from astraios_ray.methods.injection import Side, Swap
from astraios_ray.methods.own_dropout import Draws, OwnDropout, Owners
from astraios_ray.methods.tuned import Batch, Tuned


class Answered(nn.Module):
    """Stands where a method's layer calls the base's: answers what was computed for all rows at once."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[torch.Tensor] = []  # in a list, since a module is slow to take a new attribute

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The answer, once; or ``x`` where the base's layer is still to come."""
        return self.answers.pop() if self.answers else x


class SharedLayer(nn.Module):
    """A layer of the base, called once for all rows; around it each method's layer on its owner's rows.

    Methods compute what they compute alone, by the same code.
    """

    def __init__(self, base_layer: nn.Module, swaps: dict[int, Swap], owners: Owners) -> None:
        super().__init__()
        self.base_layer = base_layer
        self._layers = {owner: swap.replacement for owner, swap in swaps.items()}  # of others: not registered
        self._owners = owners
        self._sides = {side: [n for n, swap in swaps.items() if swap.side is side] for side in Side}

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``x`` [rows of all owners, ..., in] to [rows, ..., out]."""
        z: torch.Tensor = self.base_layer(self._changed(Side.BEFORE, x))
        return self._changed(Side.AFTER, x, z)

    def _changed(self, side: Side, x: torch.Tensor, z: torch.Tensor | None = None) -> torch.Tensor:
        whole = x if z is None else z
        if not self._sides[side]:
            return whole
        pieces = list(self._owners.pieces(whole))
        asked = self._owners.pieces(x)
        for owner in self._sides[side]:
            layer: Any = self._layers[owner]
            if z is not None:
                layer.base_layer.answers.append(pieces[owner])
            with self._owners.only(owner):
                pieces[owner] = layer(asked[owner])
        return torch.cat(pieces)


class Together:
    """What may be asked of several Tuned while they are ``together``."""

    def __init__(self, base: nn.Module, tuned: Sequence[Tuned], owners: Owners) -> None:
        self._base, self._tuned, self._owners = base, tuned, owners

    def losses(self, batches: Sequence[Batch]) -> list[torch.Tensor]:
        """Each Tuned's mean loss over its own batch, as its model alone would give it; scalars.

        Batches hold input_ids, attention_mask and labels, rows of one length over all.
        """
        prepared = [tuned.prepare(batch) for tuned, batch in zip(self._tuned, batches, strict=True)]
        self._owners.rows = [len(batch["labels"]) for batch in prepared]
        given = {k: torch.cat([batch[k] for batch in prepared]) for k in prepared[0] if k != "labels"}
        base: Any = self._base
        with OwnDropout(self._owners, base.device) if base.training else nullcontext():
            logits = self._owners.pieces(base(**given, use_cache=False).logits)
        words = base.config.vocab_size
        return [
            base.loss_function(logits=part, labels=batch["labels"], vocab_size=words)
            for part, batch in zip(logits, prepared, strict=True)
        ]


@contextmanager
def together(tuned: Sequence[Tuned], draws: Sequence[Draws], *, training: bool) -> Iterator[Together]:
    """Inside, the layers of all ``tuned`` are in the base; afterwards it is as before, in eval mode.

    All of them must have ``packs``, the same ``base`` and as many ``virtual_tokens``. ``draws`` is entered
    whenever random numbers are drawn for the rows of the Tuned at the same place.
    Raises RuntimeError when another Tuned is attached; then nothing is changed.
    """
    owners, places = Owners(draws), _by_place(tuned)
    for swaps in places:
        first = next(iter(swaps.values()))
        if first.parent._modules[first.name] is not first.original:
            raise RuntimeError(f"{first.name} of {type(first.parent).__name__}: another Tuned is attached.")
    try:
        for swaps in places:
            _share(swaps, owners, training)
        for model in {id(each.model): each.model for each in tuned}.values():
            model.train(training)
        yield Together(tuned[0].base, tuned, owners)
    finally:
        for model in {id(each.model): each.model for each in tuned}.values():
            model.eval()
        for swaps in places:
            _unshare(swaps)


def _by_place(tuned: Sequence[Tuned]) -> list[dict[int, Swap]]:
    """For each place of the base where anything is replaced: who replaces it by what."""
    places: dict[tuple[int, str], dict[int, Swap]] = {}
    for owner, each in enumerate(tuned):
        for swap in each.swaps:
            places.setdefault((id(swap.parent), swap.name), {})[owner] = swap
    return list(places.values())


def _share(swaps: dict[int, Swap], owners: Owners, training: bool) -> None:
    first = next(iter(swaps.values()))
    for swap in swaps.values():
        if swap.replacement.training != training:
            swap.replacement.train(training)
        swap.replacement.base_layer = Answered()
    setattr(first.parent, first.name, SharedLayer(first.original, swaps, owners))


def _unshare(swaps: dict[int, Swap]) -> None:
    for swap in swaps.values():
        swap.replacement.base_layer = swap.original
        setattr(swap.parent, swap.name, swap.original)
