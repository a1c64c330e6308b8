"""The auxiliary losses of a model with experts, one for each owner of rows.

Such a loss (Fedus et al. 2021, arXiv 2101.03961) multiplies each expert's share of the tokens with its mean
probability. Both are taken over all tokens of a batch, so one loss for the rows of several trials would mix
them. transformers computes and adds it where the configuration has ``output_router_logits``.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

FUNCTION = "load_balancing_loss_func"  # by which each file of transformers' models computes it
COEFFICIENTS = ("router_aux_loss_coef", "aux_loss_coef")


@contextmanager
def router_losses(model: nn.Module, rows: Sequence[int]) -> Iterator[list[torch.Tensor]]:
    """Inside, a call of ``model`` adds each owner's weighted loss to the list; ``rows`` are counts by owner.

    The list stays empty in eval mode and for a model without such a loss.
    """
    losses = list[torch.Tensor]()
    balanced = _balanced(model) if model.training else None
    if balanced is None:
        yield losses
        return
    source, weight = sys.modules[type(balanced).__module__], _coefficient(balanced)
    original = getattr(source, FUNCTION)

    def of_each_owner(router_logits: Sequence[torch.Tensor], *sizes: Any) -> torch.Tensor:
        *counts, mask = sizes  # of experts and of those that a token goes to
        for part, mask_part in zip(_by_owner(router_logits, rows), _masks(mask, rows), strict=True):
            losses.append(weight * original(part, *counts, mask_part))
        return torch.stack(losses).sum()

    setattr(source, FUNCTION, of_each_owner)
    try:
        yield losses
    finally:
        setattr(source, FUNCTION, original)


def balances_routers(model: nn.Module) -> bool:
    """Whether the configuration of ``model`` asks for such a loss."""
    config: Any = getattr(model, "config", None)
    config = config and config.get_text_config(decoder=True)
    return bool(getattr(config, "output_router_logits", False))


def _balanced(model: nn.Module) -> nn.Module | None:
    """The part of ``model`` that adds the loss; None where none does."""
    if not balances_routers(model):
        return None
    return next((part for part in model.modules() if _function(part) and _coefficient(part)), None)


def _function(module: nn.Module) -> Callable[..., Any] | None:
    return getattr(sys.modules[type(module).__module__], FUNCTION, None)


def _coefficient(module: Any) -> float:
    """The weight of the loss: an attribute of the model or of its configuration."""
    config = getattr(module, "config", None)
    holders = (module, config and config.get_text_config(decoder=True))
    values = (getattr(holder, name, None) for holder in holders for name in COEFFICIENTS)
    return float(next((value for value in values if value is not None), 0.0))


def _by_owner(router_logits: Sequence[torch.Tensor], rows: Sequence[int]) -> list[tuple[torch.Tensor, ...]]:
    """The logits of all layers, [rows * tokens, experts] each, by owner."""
    sizes = [count * (len(router_logits[0]) // sum(rows)) for count in rows]
    layers = [torch.split(logits, sizes) for logits in router_logits]
    return [tuple(layer[owner] for layer in layers) for owner in range(len(rows))]


def _masks(mask: torch.Tensor | None, rows: Sequence[int]) -> Sequence[torch.Tensor | None]:
    return [None] * len(rows) if mask is None else torch.split(mask, list(rows))
