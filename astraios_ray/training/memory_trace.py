"""The memory that training steps take at their peak, followed on tensors without content.

The steps are those of training itself, run on the meta device, where a tensor has a size and nothing else:
every storage counts from its making to its end, in the forward pass, the loss and the backward pass
alike. What the optimiser takes is added.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary, finalize

import torch
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_iter, tree_map_only

from astraios_ray.methods.method import TunedModel
from astraios_ray.shared_pass.per_trial_dropout import ATTENTION
from astraios_ray.training.master_weights import MasterWeights
from astraios_ray.training.passes import MicroBatch, losses

MOMENTS = 2  # of AdamW, each as large as what is trained
ROOTS = 1  # of the second moment: torch's AdamW (foreach) makes all at once, beside the gradients
LOSSES = (torch.ops.aten.nll_loss_forward.default, torch.ops.aten.nll_loss_backward.default)


@dataclass(frozen=True)
class MemoryTrace:
    """Bytes beside the base."""

    peak: int  # at most, within a step
    kept: int  # between two steps: what is trained, its float32 weights, and the optimiser's moments


def trace(
    tuned: Sequence[TunedModel],
    shape: tuple[int, int],
    *,
    padded: bool,
    passes: int = 1,
    recompute: bool = False,
) -> MemoryTrace:
    """What training takes for all of ``tuned``, who share their passes, on one base on the meta device.

    ``shape`` says the rows and tokens of one's micro batch, each token with a label; ``padded``, whether
    rows end at different target_modules; ``passes``, how many make a step: from the second on gradients are there;
    ``recompute``, whether with activation checkpointing.
    A kernel's own work space is not seen.
    """
    trained = [parameter for each in tuned for parameter in each.trainable().values()]
    masters = [master for each in tuned for master in MasterWeights(each.trainable()).parameters.values()]
    moved = sum(master.nbytes for master in masters)
    weights = sum(weight.nbytes for weight in {*trained, *masters})
    kept = weights + MOMENTS * moved
    given = [_part(each, shape, recompute) for each in tuned]
    with Meter([*trained, *masters], all_there=not padded) as meter, fused_attention():
        for _ in range(min(passes, 2)):  # a third is as the second
            _pass(given)
    for parameter in masters:
        parameter.grad = None
    return MemoryTrace(max(MOMENTS * moved + meter.peak, kept + (1 + ROOTS) * moved), kept)


def _pass(given: Sequence[MicroBatch]) -> None:
    with losses(given, training=True) as found:
        torch.stack(found).sum().backward()  # type: ignore[no-untyped-call]  # torch leaves it without types


def _part(tuned: TunedModel, shape: tuple[int, int], recompute: bool) -> MicroBatch:
    labels = torch.zeros(shape, dtype=torch.long)  # with content: how many are asked must be known
    empty = torch.empty_like(labels, device="meta")
    batch = {"input_ids": empty, "attention_mask": torch.ones_like(labels), "labels": labels}
    return MicroBatch(tuned, nullcontext(), batch, 1.0, recompute=recompute)


class Meter(TorchDispatchMode):  # type: ignore[no-untyped-call]  # as above
    """Counts the bytes of storages without content that are made inside, as long as they are there."""

    def __init__(self, there: Iterable[torch.Tensor], *, all_there: bool) -> None:
        """``there`` counts from the beginning. ``all_there``: what is answered where a model asks whether a
        mask leaves nothing out.
        """
        super().__init__()  # type: ignore[no-untyped-call]  # as above
        self._all_there = all_there
        self._known: WeakKeyDictionary[Any, int] = WeakKeyDictionary()
        self.now = self.peak = 0
        for tensor in there:
            self._see(tensor)

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """``func``, and what it made."""
        if func is torch.ops.aten._local_scalar_dense.default and args[0].is_meta:
            return self._all_there
        if func in LOSSES:
            args = tree_map_only(torch.Tensor, lambda tensor: tensor.to("meta"), args)
        before = {tensor.untyped_storage()._cdata for tensor in tree_iter(args) if _is_empty(tensor)}
        made = func(*args, **(kwargs or {}))
        for tensor in tree_iter(made):
            if _is_empty(tensor) and tensor.untyped_storage()._cdata not in before:
                self._see(tensor)
        return made

    def _see(self, tensor: torch.Tensor) -> None:
        storage = tensor.untyped_storage()
        if storage not in self._known:
            size = self._known[storage] = storage.nbytes()
            self.now += size
            self.peak = max(self.peak, self.now)
            finalize(storage, self._end, size)

    def _end(self, size: int) -> None:
        self.now -= size


@contextmanager
def fused_attention() -> Iterator[None]:
    """Inside, attention keeps its inputs and its result, as on a CPU or a GPU, and no weight per two tokens.

    Without it torch takes the plainest way on the meta device. No function mode: those are not heard in a
    backward pass, where attention may be computed again.
    """
    functional.scaled_dot_product_attention = _fused
    try:
        yield
    finally:
        functional.scaled_dot_product_attention = ATTENTION


def _fused(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attn_mask: torch.Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> torch.Tensor:
    """As ``scaled_dot_product_attention``; dropout takes no memory, its random numbers are drawn again."""
    if attn_mask is not None and attn_mask.dtype == torch.bool:
        attn_mask = torch.zeros_like(attn_mask, dtype=query.dtype)  # kept by each layer
    made: torch.Tensor = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(
        query, key, value, 0.0, is_causal, attn_mask=attn_mask, scale=scale
    )[0]
    return made


def _is_empty(found: Any) -> bool:
    return isinstance(found, torch.Tensor) and found.is_meta
