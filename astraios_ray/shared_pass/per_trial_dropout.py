"""Dropout over rows of several owners: each draws for its own rows, from its own random numbers."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import torch
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from astraios_ray.methods.rng_state import states

Draws = AbstractContextManager[object]  # inside, torch draws one owner's random numbers; entered many times
DROPOUT, ATTENTION = functional.dropout, functional.scaled_dot_product_attention
PARAMETERS = {  # by position, as torch declares them
    DROPOUT: ("input", "p", "training", "inplace"),
    ATTENTION: ("query", "key", "value", "attn_mask", "dropout_p"),
}


class Owners:
    """Who owns which rows of the batch that is computed, and whose rows are computed just now."""

    def __init__(self, draws: Sequence[Draws]) -> None:
        self.draws: Sequence[Draws] = draws
        self.rows = [0] * len(draws)  # one owner's after the other's
        self.working: int | None = None  # None: everybody's rows are computed

    @property
    def count(self) -> int:
        """How many owners there are."""
        return len(self.draws)

    def pieces(self, x: torch.Tensor) -> Sequence[torch.Tensor]:
        """``x`` [rows of all owners, ...] by owner. A row may have become several, one after the other."""
        each, left = divmod(len(x), sum(self.rows))
        if left:
            raise RuntimeError(f"{len(x)} rows cannot be divided among owners of {self.rows} rows.")
        return torch.split(x, [rows * each for rows in self.rows])

    @contextmanager
    def drawing(self, draws: Sequence[Draws]) -> Iterator[None]:
        """Inside, these are drawn from."""
        before, self.draws = self.draws, draws
        try:
            yield
        finally:
            self.draws = before

    @contextmanager
    def only(self, owner: int) -> Iterator[None]:
        """Inside, only the rows of ``owner`` are computed."""
        self.working = owner
        try:
            yield
        finally:
            self.working = None


class OwnDropout(TorchFunctionMode):
    """Inside, a dropout of torch is one call per owner: the numbers are those that it draws alone.

    Raises RuntimeError at the end when torch's generators on ``device`` moved: then something else drew.
    """

    def __init__(self, owners: Owners, device: torch.device) -> None:
        super().__init__()
        self._owners, self._device = owners, device

    def __enter__(self) -> Any:
        self._before = states(self._device)
        return super().__enter__()  # type: ignore[no-untyped-call]  # torch leaves it without types

    def __exit__(self, *how: Any) -> None:
        super().__exit__(*how)  # type: ignore[no-untyped-call]  # as above
        if how[0] is None and not all(map(torch.equal, self._before, states(self._device))):
            raise RuntimeError("The model draws random numbers for no row in particular: none can share it.")

    def __torch_function__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """``func``; one call per owner where it draws."""
        if func not in PARAMETERS:
            return func(*args, **(kwargs or {}))
        named = named_arguments(func, args, kwargs)
        owners = self._owners
        if not _draws(func, named):
            return func(**named)
        if owners.working is not None:
            with owners.draws[owners.working]:
                return func(**named)
        return torch.cat([self._own(owner, func, mine) for owner, mine in enumerate(_cut(owners, named))])

    def _own(self, owner: int, func: Any, named: Mapping[str, Any]) -> torch.Tensor:
        with self._owners.draws[owner]:
            mine: torch.Tensor = func(**named)
        return mine


def named_arguments(func: Any, args: Sequence[Any], kwargs: Mapping[str, Any] | None) -> dict[str, Any]:
    """The arguments of a dropout by name."""
    return {**dict(zip(PARAMETERS[func], args, strict=False)), **(kwargs or {})}


def _draws(func: Any, named: Mapping[str, Any]) -> bool:
    if func is ATTENTION:
        return bool(named.get("dropout_p", 0.0) > 0)
    return bool(named.get("p", 0.5) > 0 and named.get("training", True))


def _cut(owners: Owners, named: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The arguments by owner; a mask that is the same for all rows is everybody's."""
    whole = {name: value for name, value in named.items() if not isinstance(value, torch.Tensor)}
    tensors = {name: value for name, value in named.items() if name not in whole}
    whole |= {name: mask for name, mask in tensors.items() if name == "attn_mask" and _is_for_all(mask)}
    pieces = {name: owners.pieces(value) for name, value in tensors.items() if name not in whole}
    for owner in range(len(owners.rows)):
        yield {**whole, **{name: cut[owner] for name, cut in pieces.items()}}


def _is_for_all(mask: torch.Tensor) -> bool:
    return mask.dim() < 4 or len(mask) == 1  # [tokens, tokens] or [1, heads, tokens, tokens]
