"""Losses of a causal language model whose logits are never there for all tokens at once.

Beside a frozen head the gradient by a token's last hidden state is known as soon as its logits are: they are
made, used and dropped, some tokens at a time, and none for a token without a label. The idea is that of Liger
(Hsu et al. 2024, arXiv 2410.10989) and Cut Cross-Entropy (Wijmans et al. 2024, arXiv 2411.09009).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.nn import functional

LOGITS_AT_ONCE = 1 << 22  # 16 MiB in float32: 85 tokens of StarCoder's vocabulary, all of a small one's
IGNORED = -100
CHANGES_LOGITS = ("final_logit_softcapping", "logit_scale", "logits_scaling")  # the head is not the last step


def mean_losses(
    model: nn.Module, call: Callable[[], Any], targets: Sequence[torch.Tensor]
) -> list[torch.Tensor]:
    """The mean loss over the targets of each owner; scalars, in nats.

    ``call`` calls ``model`` on the rows of all owners, one's after the other's. ``targets``, [rows, tokens]
    by owner and on the CPU, say what comes after each token; -100: nothing is asked. A head that is trained
    gets all its logits at once.
    """
    with _without(_frozen_head(model)) as head:
        given: torch.Tensor = call().logits
    flat = torch.cat([mine.flatten() for mine in targets])
    asked, counts = (flat != IGNORED).nonzero().squeeze(1), [int((mine != IGNORED).sum()) for mine in targets]
    rows = given.flatten(0, 1).index_select(0, asked.to(given.device))
    wanted = flat[asked].to(given.device)
    losses: torch.Tensor = _loss(rows, wanted) if head is None else _Losses.apply(rows, wanted, head)  # type: ignore[no-untyped-call]  # torch leaves it without types
    # summed in float64: the order of a batch's tokens is then no matter
    return [mine.double().mean() for mine in torch.split(losses, counts)]


def next_tokens(labels: torch.Tensor) -> torch.Tensor:
    """What comes after each token of ``labels`` [rows, tokens]; nothing is asked of the last."""
    return torch.cat([labels[:, 1:], labels.new_full((len(labels), 1), IGNORED)], dim=1)


class _Losses(torch.autograd.Function):
    """By row the loss; the gradient of each row is found with it."""

    @staticmethod
    def forward(ctx: Any, rows: torch.Tensor, targets: torch.Tensor, head: Any) -> torch.Tensor:
        losses, gradients = list[torch.Tensor](), list[torch.Tensor]()
        size, wanted = max(1, LOGITS_AT_ONCE // head.weight.shape[0]), ctx.needs_input_grad[0]
        for some, asked in zip(torch.split(rows, size), torch.split(targets, size), strict=True):
            with torch.set_grad_enabled(wanted):
                seen = some.detach().requires_grad_(wanted)
                loss = _loss(head(seen), asked)
            losses.append(loss.detach())
            if wanted:
                gradients += torch.autograd.grad(loss, seen, torch.ones_like(loss))
        ctx.save_for_backward(*gradients)
        return torch.cat(losses) if losses else rows.new_zeros(0)

    @staticmethod
    def backward(ctx: Any, *coming: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        gradients = torch.cat(ctx.saved_tensors)
        return gradients * coming[0][:, None].to(gradients.dtype), None, None


def _loss(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    wide = torch.promote_types(logits.dtype, torch.float32)
    return functional.cross_entropy(logits.to(wide), targets, reduction="none")


def _frozen_head(model: Any) -> tuple[nn.Module, str] | None:
    """The module that holds the head, and its name there; None where the head must be left alone."""
    find = getattr(model, "get_output_embeddings", None)
    head = find() if find else None
    config = getattr(model, "config", None)
    if head is None or any(parameter.requires_grad for parameter in head.parameters()):
        return None
    if any(getattr(config, name, None) not in (None, 1.0) for name in CHANGES_LOGITS):
        return None
    target_modules = (
        (m, name) for m in model.modules() for name, child in m._modules.items() if child is head
    )
    return next(target_modules, None)


@contextmanager
def _without(place: tuple[nn.Module, str] | None) -> Iterator[Any]:
    """Inside, the model answers hidden states for logits. Yields the head."""
    if place is None:
        yield None
        return
    parent, name = place
    head = parent._modules[name]
    parent._modules[name] = nn.Identity()
    try:
        yield head
    finally:
        parent._modules[name] = head
