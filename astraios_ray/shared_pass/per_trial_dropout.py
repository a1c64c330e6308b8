"""Dropout and noise over rows of several owners, each with its own random numbers for its own rows."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from astraios_ray.methods.rng_state import states

Draws = AbstractContextManager[object]  # inside, torch draws one owner's random numbers; can be entered again
DROPOUT, ATTENTION = functional.dropout, functional.scaled_dot_product_attention
PARAMETERS = {  # by position, as torch declares them
    DROPOUT: ("input", "p", "training", "inplace"),
    ATTENTION: ("query", "key", "value", "attn_mask", "dropout_p"),
}
FILLING = {torch.Tensor.uniform_, torch.Tensor.normal_, torch.Tensor.bernoulli_}  # a router's noise, for one


class Owners:
    """The owners of the rows of the current batch, and the owner whose rows are computed at the moment."""

    def __init__(self, draws: Sequence[Draws]) -> None:
        self.draws: Sequence[Draws] = draws
        self.rows = [0] * len(draws)  # by owner, one owner's rows after the other's
        self.working: int | None = None  # None: the rows of all owners are computed
        self.draws_are_entered = False  # of the owner whose rows are computed

    @property
    def count(self) -> int:
        """The number of owners."""
        return len(self.draws)

    def split(self, x: torch.Tensor) -> Sequence[torch.Tensor]:
        """``x`` [rows of all owners, ...] by owner. Each row may have become several consecutive ones."""
        factor, remainder = divmod(len(x), sum(self.rows))
        if remainder:
            raise RuntimeError(f"{len(x)} rows cannot be divided among owners of {self.rows} rows.")
        return torch.split(x, [rows * factor for rows in self.rows])

    @contextmanager
    def drawing(self, draws: Sequence[Draws]) -> Iterator[None]:
        """Inside, random numbers come from ``draws``."""
        previous, self.draws = self.draws, draws
        try:
            yield
        finally:
            self.draws = previous

    @contextmanager
    def only(self, owner: int) -> Iterator[None]:
        """Inside, only the rows of ``owner`` are computed."""
        self.working = owner
        try:
            yield
        finally:
            self.working = None

    @contextmanager
    def drawing_as(self, owner: int) -> Iterator[None]:
        """Inside, only the rows of ``owner`` are computed, and all random numbers are the owner's."""
        with self.only(owner), self.draws[owner]:
            self.draws_are_entered = True
            try:
                yield
            finally:
                self.draws_are_entered = False


class PerTrialDropout(TorchFunctionMode):
    """Inside, a dropout or noise of torch is one call per owner, with the random numbers of its own pass.

    Raises RuntimeError at the end when torch's generators on ``device`` changed: then something else drew.
    """

    def __init__(self, owners: Owners, device: torch.device) -> None:
        super().__init__()
        self._owners, self._device = owners, device

    def __enter__(self) -> Any:
        self._states = states(self._device)
        return super().__enter__()  # type: ignore[no-untyped-call]  # torch leaves it without types

    def __exit__(self, *how: Any) -> None:
        super().__exit__(*how)  # type: ignore[no-untyped-call]  # as above
        if how[0] is None and not all(map(torch.equal, self._states, states(self._device))):
            raise RuntimeError("The model draws random numbers for no row in particular: none can share it.")

    def __torch_function__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Call ``func``, once per owner where it draws."""
        if func in FILLING:
            return self._fill(func, *args, **(kwargs or {}))
        if func not in PARAMETERS:
            return func(*args, **(kwargs or {}))
        arguments = named_arguments(func, args, kwargs)
        owners = self._owners
        if not _draws(func, arguments):
            return func(**arguments)
        if owners.working is not None:
            with nullcontext() if owners.draws_are_entered else owners.draws[owners.working]:
                return func(**arguments)
        by_owner = enumerate(_split_arguments(owners, arguments))
        return torch.cat(
            [self._call_for(owner, func, owner_arguments) for owner, owner_arguments in by_owner]
        )

    def _fill(self, func: Any, rows: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
        """``rows``, filled in place."""
        owners = self._owners
        parts = enumerate(owners.split(rows)) if owners.working is None else [(owners.working, rows)]
        for owner, part in parts:
            with nullcontext() if owners.draws_are_entered else owners.draws[owner]:
                func(part, *args, **kwargs)
        return rows

    def _call_for(self, owner: int, func: Any, arguments: Mapping[str, Any]) -> torch.Tensor:
        with self._owners.draws[owner]:
            output: torch.Tensor = func(**arguments)
        return output


def named_arguments(func: Any, args: Sequence[Any], kwargs: Mapping[str, Any] | None) -> dict[str, Any]:
    """The arguments of a dropout by name."""
    return {**dict(zip(PARAMETERS[func], args, strict=False)), **(kwargs or {})}


def _draws(func: Any, arguments: Mapping[str, Any]) -> bool:
    if func is ATTENTION:
        return bool(arguments.get("dropout_p", 0.0) > 0)
    return bool(arguments.get("p", 0.5) > 0 and arguments.get("training", True))


def _split_arguments(owners: Owners, arguments: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The arguments by owner; a mask that is the same for all rows goes to each."""
    common = {name: value for name, value in arguments.items() if not isinstance(value, torch.Tensor)}
    tensors = {name: value for name, value in arguments.items() if name not in common}
    common |= {name: mask for name, mask in tensors.items() if name == "attn_mask" and _is_for_all(mask)}
    parts = {name: owners.split(value) for name, value in tensors.items() if name not in common}
    for owner in range(len(owners.rows)):
        yield {**common, **{name: by_owner[owner] for name, by_owner in parts.items()}}


def _is_for_all(mask: torch.Tensor) -> bool:
    return mask.dim() < 4 or len(mask) == 1  # [tokens, tokens] or [1, heads, tokens, tokens]
