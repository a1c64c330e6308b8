"""Rows of many lengths in a pass of a base: padded to one length, or without padding.

Without padding each token is a row of its own, and only attention works on rows. So everything that a base
and its methods do to each token costs nothing for padding. The idea is that of padding-free batches (Kundu
et al. 2024, arXiv 2407.09105). They join all rows to one and give attention a mask; here it gets the rows.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from astraios_ray.methods.tuned import Batch
from astraios_ray.shared_pass.batched_adapters import Only
from astraios_ray.shared_pass.chunked_loss import next_tokens
from astraios_ray.shared_pass.per_trial_dropout import ATTENTION, named_arguments

_WORKS_WITHOUT_PADDING: WeakKeyDictionary[nn.Module, bool] = WeakKeyDictionary()


def all_owners(owner: int) -> AbstractContextManager[None]:
    """For a single owner, or where it does not matter whose rows are computed."""
    return nullcontext()


class Padded:
    """The rows of several owners, one owner after the other, as arguments of a base.

    ``batches`` are the arguments by owner, all on the base's device except masks and labels on the CPU.
    """

    def __init__(self, batches: Sequence[Batch]) -> None:
        arguments = {name: torch.cat([batch[name] for batch in batches]) for name in batches[0]}
        del arguments["labels"]
        (device,) = {tensor.device for name, tensor in arguments.items() if name != "attention_mask"}
        self.arguments = {name: tensor.to(device) for name, tensor in arguments.items()}
        self.counts = [len(batch["labels"]) for batch in batches]  # of rows, by owner
        self.targets = [_targets(batch) for batch in batches]

    def attention(self, only: Only = all_owners) -> AbstractContextManager[object]:
        """No context: padded rows need no special attention."""
        return nullcontext()


def _targets(batch: Batch) -> torch.Tensor:
    """The token that each position predicts; a decoder's labels are already shifted."""
    return batch["labels"] if "decoder_input_ids" in batch else next_tokens(batch["labels"])


class Unpadded:
    """The same without padding, which is at the rows' ends. Each token becomes a row."""

    def __init__(self, batches: Sequence[Batch], base: Any) -> None:
        embed = base.get_input_embeddings() if any("inputs_embeds" in batch for batch in batches) else None
        flat = [_flat(batch, embed) for batch in batches]
        self.targets = [batch.pop("targets") for batch in flat]
        self.arguments = {name: torch.cat([batch[name] for batch in flat]) for name in flat[0]}
        self._lengths = [tuple(batch["attention_mask"].sum(1).tolist()) for batch in batches]
        self.counts = [sum(lengths) for lengths in self._lengths]

    def attention(self, only: Only = all_owners) -> AbstractContextManager[object]:
        """Inside, attention works on the original rows; ``only`` marks whose rows are computed."""
        return RowsInAttention(self._lengths, self.arguments["position_ids"].device, only)


def _flat(batch: Batch, embed: Any) -> dict[str, torch.Tensor]:
    """Tokens, their positions and targets, each [tokens, 1] or [tokens, 1, features]."""
    mask = batch["attention_mask"]
    real, positions = mask.flatten().nonzero().squeeze(1), torch.arange(mask.shape[1]).expand_as(mask)
    source = batch["inputs_embeds"] if "inputs_embeds" in batch else batch["input_ids"]
    rows = source.flatten(0, 1).index_select(0, real.to(source.device))[:, None]
    flat = {"targets": next_tokens(batch["labels"]).flatten()[real][:, None]}
    if embed is None:
        flat["input_ids"] = rows
    else:
        flat["inputs_embeds"] = rows if "inputs_embeds" in batch else embed(rows)
    return {**flat, "position_ids": positions.flatten()[real][:, None].to(source.device)}


class RowsInAttention(TorchFunctionMode):
    """Inside, attention over tokens [tokens, heads, 1, features] works on the rows that they form."""

    def __init__(self, lengths: Sequence[tuple[int, ...]], device: torch.device, only: Only) -> None:
        super().__init__()
        self._lengths, self._device, self._only = lengths, device, only

    def __torch_function__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Call ``func``. Raises RuntimeError for attention that is not causal attention over a row."""
        if func is not ATTENTION:
            return func(*args, **(kwargs or {}))
        arguments = named_arguments(func, args, kwargs)
        if arguments.get("attn_mask") is not None or arguments["query"].shape[2] != 1:
            raise RuntimeError("The model's attention has a mask of its own: its rows keep their padding.")
        if not arguments.get("dropout_p"):
            return _block_attention(arguments, blocks_of(tuple(chain(*self._lengths)), self._device))
        # dropout is drawn in the shape of the owner's rows alone
        outputs, sizes = list[torch.Tensor](), [sum(lengths) for lengths in self._lengths]
        parts_by_name = {name: torch.split(arguments.pop(name), sizes) for name in ("query", "key", "value")}
        for owner, lengths in enumerate(self._lengths):
            owner_parts = {name: parts[owner] for name, parts in parts_by_name.items()}
            with self._only(owner):
                outputs.append(
                    _block_attention({**arguments, **owner_parts}, blocks_of(lengths, self._device))
                )
        return torch.cat(outputs)


@dataclass(frozen=True)
class RowBlocks:
    """How tokens fill blocks of rows of similar length, each filled up to the longest row of its block.

    A row is filled up with copies of its first token, after its own tokens, which do not attend to them.
    """

    tokens: tuple[torch.Tensor, ...]  # by block: the token at each position, [rows, tokens of the longest]
    positions: torch.Tensor  # by token, its position among those of all blocks


@lru_cache(maxsize=256)
def blocks_of(lengths: tuple[int, ...], device: torch.device) -> RowBlocks:
    """Blocks of rows with ``lengths`` between the same powers of 2, so that no row doubles its length."""
    counts = torch.tensor(lengths)
    starts, kinds = counts.cumsum(0) - counts, torch.tensor([length.bit_length() for length in lengths])
    blocks, masks = list[torch.Tensor](), list[torch.Tensor]()
    for kind in sorted({length.bit_length() for length in lengths}):
        members = kinds == kind
        number = torch.arange(int(counts[members].max()))
        real = number < counts[members, None]
        blocks.append(starts[members, None] + number * real)
        masks.append(real)
    order = torch.cat([block[real] for block, real in zip(blocks, masks, strict=True)])
    filled = torch.cat([real.flatten() for real in masks]).nonzero().squeeze(1)
    return RowBlocks(tuple(block.to(device) for block in blocks), filled[order.argsort()].to(device))


def _block_attention(arguments: Mapping[str, Any], blocks: RowBlocks) -> torch.Tensor:
    heads, features = arguments["query"].shape[1], arguments["value"].shape[3]
    outputs = []
    for block in blocks.tokens:
        rows = {name: _in_rows(arguments[name], block) for name in ("query", "key", "value")}
        outputs.append(
            ATTENTION(**{**arguments, **rows, "is_causal": True}).transpose(1, 2).reshape(block.numel(), -1)
        )
    return torch.cat(outputs).index_select(0, blocks.positions).view(-1, heads, 1, features)


def _in_rows(x: torch.Tensor, block: torch.Tensor) -> torch.Tensor:
    """``x`` [tokens, heads, 1, features] to [rows, heads, tokens of the longest, features]."""
    rows = x.reshape(len(x), -1).index_select(0, block.flatten())
    return rows.view(*block.shape, x.shape[1], x.shape[3]).transpose(1, 2)


TRIED = (4, 3)  # tokens of the rows with which a base is tested
CLOSE = 0.02  # share of the largest logit: allows rounding in bf16 and int8, but no other attention


def can_do_without_padding(base: nn.Module) -> bool:
    """Whether ``base``, in eval mode and without methods, gives the same logits without padding, by a test.

    False for attention other than torch's, for windows, and where tokens interact outside attention.
    """
    if base not in _WORKS_WITHOUT_PADDING:
        _WORKS_WITHOUT_PADDING[base] = _answers_the_same(base)
    return _WORKS_WITHOUT_PADDING[base]


@torch.no_grad()
def _answers_the_same(base: Any) -> bool:
    config: Any = getattr(base, "config", None)
    config = config and config.get_text_config(decoder=True)
    if getattr(config, "_attn_implementation", None) != "sdpa" or _looks_through_windows(config):
        return False
    ids = torch.arange(len(TRIED) * max(TRIED)).view(len(TRIED), -1) % config.vocab_size
    mask = torch.arange(max(TRIED)) < torch.tensor(TRIED)[:, None]
    batch = {"input_ids": ids.to(base.device), "attention_mask": mask.long(), "labels": ids}
    rows, padded = Unpadded([batch], base), Padded([batch])
    try:
        with rows.attention():
            unpadded_logits = base(**rows.arguments, use_cache=False).logits[:, 0]
    except (RuntimeError, TypeError, ValueError, IndexError):  # the base expects other shapes
        return False
    expected = base(**padded.arguments, use_cache=False).logits[mask.to(base.device)]
    return bool((unpadded_logits - expected).abs().max() <= CLOSE * expected.abs().max())


def _looks_through_windows(config: Any) -> bool:
    kinds = set(getattr(config, "layer_types", None) or ["full_attention"])
    window = getattr(config, "sliding_window", None) and getattr(config, "use_sliding_window", True)
    return bool(window or getattr(config, "attention_chunk_size", None) or kinds != {"full_attention"})
