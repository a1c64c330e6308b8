"""Losses of a language model without the logits of all tokens at once.

With a frozen head the gradient of a token's last hidden state follows from its logits alone. So logits are
computed, used and freed for some tokens at a time, and never for tokens without a label. The idea is that of
Liger (Hsu et al. 2024, arXiv 2410.10989) and Cut Cross-Entropy (Wijmans et al. 2024, arXiv 2411.09009).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import nn
from torch.nn import functional

from astraios_ray.encoder_decoder import is_encoder_decoder
from astraios_ray.shared_pass.router_losses import router_losses

LOGITS_AT_ONCE = 1 << 22  # 16 MiB in float32: 85 tokens of StarCoder's vocabulary, all of a small one's
IGNORED = -100
_IS_LAST_STEP: WeakKeyDictionary[nn.Module, bool] = WeakKeyDictionary()  # by head

Location = tuple[nn.Module, str]  # the module that holds a head, and the head's name there


def mean_losses(
    model: nn.Module, call: Callable[[], Any], targets: Sequence[torch.Tensor]
) -> list[torch.Tensor]:
    """The mean loss over the targets of each owner; scalars, in nats. In training with its routers' loss.

    ``call`` calls ``model`` on the rows of all owners, one owner after the other. ``targets``, [rows, tokens]
    by owner and on the CPU, are the next tokens; -100 marks a token without a loss. The model itself computes
    all logits at once where its head is trained, or where ``try_head`` saw that a step follows the head.
    """
    row_counts = [len(owner_targets) for owner_targets in targets]
    with _without(_last_step(model)) as head, router_losses(model, row_counts) as auxiliary:
        outputs: torch.Tensor = call().logits
    flat = torch.cat([owner_targets.flatten() for owner_targets in targets])
    positions = (flat != IGNORED).nonzero().squeeze(1)
    counts = [int((owner_targets != IGNORED).sum()) for owner_targets in targets]
    rows = outputs.flatten(0, 1).index_select(0, positions.to(outputs.device))
    labels = flat[positions].to(outputs.device)
    losses: torch.Tensor = _loss(rows, labels) if head is None else _Losses.apply(rows, labels, head)  # type: ignore[no-untyped-call]  # torch leaves it without types
    # in float64, so that the order of a batch's tokens does not matter
    means = [owner_losses.double().mean() for owner_losses in torch.split(losses, counts)]
    return [mean + loss for mean, loss in zip(means, auxiliary, strict=True)] if auxiliary else means


def next_tokens(labels: torch.Tensor) -> torch.Tensor:
    """The next token of each token of ``labels`` [rows, tokens]; IGNORED for the last."""
    return torch.cat([labels[:, 1:], labels.new_full((len(labels), 1), IGNORED)], dim=1)


class _Losses(torch.autograd.Function):
    """The loss of each row; the forward pass computes the gradient of each row with it."""

    @staticmethod
    def forward(ctx: Any, rows: torch.Tensor, targets: torch.Tensor, head: Any) -> torch.Tensor:
        losses, gradients = list[torch.Tensor](), list[torch.Tensor]()
        size, needs_gradients = max(1, LOGITS_AT_ONCE // head.weight.shape[0]), ctx.needs_input_grad[0]
        for chunk, chunk_targets in zip(torch.split(rows, size), torch.split(targets, size), strict=True):
            with torch.set_grad_enabled(needs_gradients):
                leaf = chunk.detach().requires_grad_(needs_gradients)
                loss = _loss(head(leaf), chunk_targets)
            losses.append(loss.detach())
            if needs_gradients:
                gradients += torch.autograd.grad(loss, leaf, torch.ones_like(loss))
        ctx.save_for_backward(*gradients)
        return torch.cat(losses) if losses else rows.new_zeros(0)

    @staticmethod
    def backward(ctx: Any, *coming: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        gradients = torch.cat(ctx.saved_tensors)
        return gradients * coming[0][:, None].to(gradients.dtype), None, None


def _loss(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    wide = torch.promote_types(logits.dtype, torch.float32)
    return functional.cross_entropy(logits.to(wide), targets, reduction="none")


def try_head(base: nn.Module) -> None:
    """Find out, on two rows, whether the logits of ``base`` are what its head returns.

    Some models scale or cap them afterwards. ``base`` is in eval mode and without methods. The answer holds
    for every later call of ``mean_losses``.
    """
    location = _frozen_head(base)
    head = location[0]._modules[location[1]] if location else None
    if location and head is not None and head not in _IS_LAST_STEP:
        _IS_LAST_STEP[head] = _logits_are_of_head(base, location)


@torch.no_grad()
def _logits_are_of_head(base: Any, location: Location) -> bool:
    ids = torch.arange(8, device=base.device).view(2, 4) % base.get_input_embeddings().weight.shape[0]
    rows = {"input_ids": ids, **({"decoder_input_ids": ids} if is_encoder_decoder(base) else {})}
    logits = base(**rows, use_cache=False).logits
    last_hidden = list[torch.Tensor]()
    with _without(location) as head:
        stand_in: Any = location[0]._modules[location[1]]
        stand_in.register_forward_hook(lambda *call: last_hidden.append(call[-1]))
        try:
            output = base(**rows, use_cache=False).logits
        except (AttributeError, IndexError, RuntimeError):  # the model asks more of its head than a call
            return False
    (hidden,) = last_hidden
    if output is not hidden and output.dtype == hidden.dtype:
        return False  # a step follows, even if it does not change these two rows, as a cap may not
    return logits.is_meta or torch.equal(head(hidden).to(logits.dtype), logits)


def _last_step(model: nn.Module) -> Location | None:
    """Where the frozen head is whose outputs are the model's logits; None where it must stay in the model."""
    location = _frozen_head(model)
    head = location[0]._modules[location[1]] if location else None
    return location if head is not None and _IS_LAST_STEP.get(head) else None


def _frozen_head(model: Any) -> Location | None:
    find = getattr(model, "get_output_embeddings", None)
    head = find() if find else None
    if head is None or any(parameter.requires_grad for parameter in head.parameters()):
        return None
    children = ((m, name, child) for m in model.modules() for name, child in m._modules.items())
    return next(((m, name) for m, name, child in children if child is head), None)


@contextmanager
def _without(location: Location | None) -> Iterator[Any]:
    """Inside, the model returns hidden states as logits. Yields the head."""
    if location is None:
        yield None
        return
    parent, name = location
    head = parent._modules[name]
    parent._modules[name] = nn.Identity()
    try:
        yield head
    finally:
        parent._modules[name] = head
