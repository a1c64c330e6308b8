"""The peak memory of training steps, traced on tensors without content.

The steps are those of training itself, run on the meta device, where a tensor has a size and no content.
Every storage counts from its allocation to its release, in the forward pass, the loss and the backward
pass. The optimiser's memory is added.
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

from astraios_ray.data.packing import IGNORED
from astraios_ray.data.seq2seq import Widths
from astraios_ray.encoder_decoder import is_encoder_decoder
from astraios_ray.methods.method import TunedModel
from astraios_ray.methods.tuned import Batch
from astraios_ray.shared_pass.chunked_loss import try_head
from astraios_ray.shared_pass.per_trial_dropout import ATTENTION
from astraios_ray.shared_pass.seq2seq_batch import seq2seq_batch
from astraios_ray.training.master_weights import MasterWeights
from astraios_ray.training.optimizers import OPTIMIZERS
from astraios_ray.training.passes import MicroBatch, losses

COPY = torch.ops.aten._to_copy.default  # DiffLlama moves numbers to the CPU
GROUPED = functional.grouped_mm
LOSSES = (torch.ops.aten.nll_loss_forward.default, torch.ops.aten.nll_loss_backward.default)


@dataclass(frozen=True)
class MemoryTrace:
    """Bytes that training takes in addition to the base."""

    peak: int  # within a step
    kept: int  # between two steps: the trained parameters, their float32 masters, the optimiser's moments


def trace(
    tuned: Sequence[TunedModel],
    shape: tuple[int, int],
    *,
    padded: bool,
    passes: int = 1,
    recompute: bool = False,
    optimizer: str = "adamw",
) -> MemoryTrace:
    """The memory that training takes for all of ``tuned``, which share their passes on one meta-device base.

    ``shape`` is the rows and tokens of one model's micro batch, where each token has a label; those of an
    encoder-decoder are half prompt, half answer. ``padded`` says
    whether rows differ in length; ``passes``, how many make a step (gradients exist from the second one on);
    ``recompute``, whether activation checkpointing is on. A kernel's own work space is not counted.
    """
    parameters = [parameter for each in tuned for parameter in each.trainable().values()]
    kind = OPTIMIZERS[optimizer]
    moved = [
        weight
        for each in tuned
        for weight in MasterWeights(each.trainable(), needed=kind.masters).parameters.values()
    ]
    moments, gradients = sum(map(kind.moment_bytes, moved)), sum(weight.nbytes for weight in moved)
    resting = moments + sum(weight.nbytes for weight in {*parameters, *moved})
    parts = [_part(each, shape, recompute) for each in tuned]
    with Meter([*parameters, *moved], full_masks=not padded) as meter, fused_attention(), grouped_products():
        try_head(tuned[0].base)
        for _ in range(min(passes, 2)):  # a third pass takes as much as the second
            _pass(parts)
    for weight in moved:
        weight.grad = None
    update = resting + gradients + kind.update_bytes(moved)
    return MemoryTrace(max(moments + meter.peak, update), resting)


def _pass(parts: Sequence[MicroBatch]) -> None:
    with losses(parts, training=True) as part_losses:
        torch.stack(part_losses).sum().backward()  # type: ignore[no-untyped-call]  # torch leaves it without types


def _part(tuned: TunedModel, shape: tuple[int, int], recompute: bool) -> MicroBatch:
    labels = torch.zeros(shape, dtype=torch.long)  # with content: the targets are counted
    empty = torch.empty_like(labels, device="meta")
    batch = {"input_ids": empty, "attention_mask": torch.ones_like(labels), "labels": labels}
    if is_encoder_decoder(tuned.base):
        batch = _halved(batch, tuned)
    return MicroBatch(tuned, nullcontext(), batch, 1.0, recompute=recompute)


def _halved(batch: Batch, tuned: TunedModel) -> dict[str, torch.Tensor]:
    """The rows as an encoder-decoder gets them, whose first half is the prompt."""
    labels = batch["labels"].clone()
    prompt = labels.shape[1] // 2
    labels[:, :prompt] = IGNORED
    return seq2seq_batch({**batch, "labels": labels}, Widths(prompt, labels.shape[1] - prompt), tuned.base)


class Meter(TorchDispatchMode):  # type: ignore[no-untyped-call]  # as above
    """Counts the bytes of storages without content that are allocated inside, until they are released."""

    def __init__(self, tensors: Iterable[torch.Tensor], *, full_masks: bool) -> None:
        """``tensors`` count from the beginning. ``full_masks`` is the answer to a model that asks whether
        a mask masks nothing.
        """
        super().__init__()  # type: ignore[no-untyped-call]  # as above
        self._full_masks = full_masks
        self._sizes: WeakKeyDictionary[Any, int] = WeakKeyDictionary()
        self.now = self.peak = 0
        for tensor in tensors:
            self._see(tensor)

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Run ``func`` and count the storages that it allocates."""
        if func is torch.ops.aten._local_scalar_dense.default and args[0].is_meta:
            return self._full_masks
        if func is COPY and args[0].is_meta and (kwargs or {}).get("device") == torch.device("cpu"):
            return torch.zeros(args[0].shape, dtype=args[0].dtype)
        if func in LOSSES:
            args = tree_map_only(torch.Tensor, lambda tensor: tensor.to("meta"), args)
        inputs = {tensor.untyped_storage()._cdata for tensor in tree_iter(args) if _is_empty(tensor)}
        results = func(*args, **(kwargs or {}))
        for tensor in tree_iter(results):
            if _is_empty(tensor) and tensor.untyped_storage()._cdata not in inputs:
                self._see(tensor)
        return results

    def _see(self, tensor: torch.Tensor) -> None:
        storage = tensor.untyped_storage()
        if storage not in self._sizes:
            size = self._sizes[storage] = storage.nbytes()
            self.now += size
            self.peak = max(self.peak, self.now)
            finalize(storage, self._end, size)

    def _end(self, size: int) -> None:
        self.now -= size


@contextmanager
def fused_attention() -> Iterator[None]:
    """Inside, attention keeps its inputs and its result, as on a CPU or a GPU, and no weight per two tokens.

    Without it torch uses its unfused attention on the meta device. A function mode would not do: it is not
    active in a backward pass, where activation checkpointing computes attention again.
    """
    functional.scaled_dot_product_attention = _fused
    try:
        yield
    finally:
        functional.scaled_dot_product_attention = ATTENTION


@contextmanager
def grouped_products() -> Iterator[None]:
    """Inside, the products of experts, which torch has for bf16 alone on the meta device, take any dtype."""
    functional.grouped_mm = _grouped  # type: ignore[assignment]  # experts give these arguments alone
    try:
        yield
    finally:
        functional.grouped_mm = GROUPED


class GroupedProduct(torch.autograd.Function):
    """``grouped_mm`` without content: rows [rows, in] times their experts [experts, in, out]."""

    @staticmethod
    def forward(ctx: Any, rows: torch.Tensor, experts: torch.Tensor) -> torch.Tensor:
        """The products, [rows, out]. Rows are kept where experts are trained, and experts for the rows."""
        rows_needed, experts_needed = ctx.needs_input_grad
        ctx.save_for_backward(rows if experts_needed else None, experts if rows_needed else None)
        ctx.shapes = rows.shape, experts.shape
        return rows.new_empty(rows.shape[0], experts.shape[-1])

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        """Gradients of what is trained: frozen experts have none."""
        needed_shapes = zip(ctx.shapes, ctx.needs_input_grad, strict=True)
        return tuple(gradients[0].new_empty(shape) if needed else None for shape, needed in needed_shapes)


def _grouped(rows: torch.Tensor, experts: torch.Tensor, *, offs: torch.Tensor) -> torch.Tensor:
    product: torch.Tensor = GroupedProduct.apply(rows, experts)  # type: ignore[no-untyped-call]  # torch leaves it without types
    return product


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
    """``scaled_dot_product_attention``; its dropout takes no memory, as its random numbers are redrawn."""
    if attn_mask is not None and attn_mask.requires_grad:  # T5's trained biases: no kernel fuses these
        return ATTENTION(query, key, value, attn_mask, dropout_p, is_causal, scale=scale)
    if attn_mask is not None and attn_mask.dtype == torch.bool:
        attn_mask = torch.zeros_like(attn_mask, dtype=query.dtype)  # kept by each layer
    attention: torch.Tensor = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(
        query, key, value, 0.0, is_causal, attn_mask=attn_mask, scale=scale
    )[0]
    return attention[..., : value.shape[-1]]  # latent attention: values are narrower than queries


def _is_empty(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and value.is_meta
