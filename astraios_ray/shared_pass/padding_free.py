"""How rows of many lengths go through a base: filled up to one length, or without their padding.

Without it each token is a row of its own, and only attention sees rows. So everything that a base and the
methods on it do to each token costs nothing for padding, whatever the lengths are. The idea is that of
padding-free batches (Kundu et al. 2024, arXiv 2407.09105); theirs joins all rows to one and asks attention
for a mask, ours hands attention the rows.
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

_KNOWN: WeakKeyDictionary[nn.Module, bool] = WeakKeyDictionary()


def everybody(owner: int) -> AbstractContextManager[None]:
    """Where there is one owner, or nobody asks who is being computed."""
    return nullcontext()


class Padded:
    """The rows of several owners, one's after the other's, as a base is called with them.

    ``batches`` are its arguments by owner: all on its device, except masks and labels, on the CPU.
    """

    def __init__(self, batches: Sequence[Batch]) -> None:
        given = {name: torch.cat([batch[name] for batch in batches]) for name in batches[0]}
        del given["labels"]
        (device,) = {tensor.device for name, tensor in given.items() if name != "attention_mask"}
        self.given = {name: tensor.to(device) for name, tensor in given.items()}
        self.counts = [len(batch["labels"]) for batch in batches]  # of rows, by owner
        self.targets = [next_tokens(batch["labels"]) for batch in batches]

    def attention(self, only: Only = everybody) -> AbstractContextManager[object]:
        """Nothing is to be done."""
        return nullcontext()


class Unpadded:
    """The same without padding, which is at the rows' ends: a row for each token."""

    def __init__(self, batches: Sequence[Batch], base: Any) -> None:
        embed = base.get_input_embeddings() if any("inputs_embeds" in batch for batch in batches) else None
        flat = [_flat(batch, embed) for batch in batches]
        self.targets = [batch.pop("targets") for batch in flat]
        self.given = {name: torch.cat([batch[name] for batch in flat]) for name in flat[0]}
        self._lengths = [tuple(batch["attention_mask"].sum(1).tolist()) for batch in batches]
        self.counts = [sum(lengths) for lengths in self._lengths]

    def attention(self, only: Only = everybody) -> AbstractContextManager[object]:
        """Inside, attention sees each row as a row; ``only`` says that those of one owner are computed."""
        return RowsInAttention(self._lengths, self.given["position_ids"].device, only)


def _flat(batch: Batch, embed: Any) -> dict[str, torch.Tensor]:
    """Tokens, their positions and targets, each [tokens, 1] or [tokens, 1, features]."""
    mask = batch["attention_mask"]
    kept, positions = mask.flatten().nonzero().squeeze(1), torch.arange(mask.shape[1]).expand_as(mask)
    given = batch["inputs_embeds"] if "inputs_embeds" in batch else batch["input_ids"]
    there = given.flatten(0, 1).index_select(0, kept.to(given.device))[:, None]
    flat = {"targets": next_tokens(batch["labels"]).flatten()[kept][:, None]}
    if embed is None:
        flat["input_ids"] = there
    else:
        flat["inputs_embeds"] = there if "inputs_embeds" in batch else embed(there)
    return {**flat, "position_ids": positions.flatten()[kept][:, None].to(given.device)}


class RowsInAttention(TorchFunctionMode):
    """Inside, attention over tokens [tokens, heads, 1, features] is that over the rows which they make."""

    def __init__(self, lengths: Sequence[tuple[int, ...]], device: torch.device, only: Only) -> None:
        super().__init__()
        self._lengths, self._device, self._only = lengths, device, only

    def __torch_function__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """``func``. Raises RuntimeError for attention that sees anything but all earlier tokens."""
        if func is not ATTENTION:
            return func(*args, **(kwargs or {}))
        named = named_arguments(func, args, kwargs)
        if named.get("attn_mask") is not None or named["query"].shape[2] != 1:
            raise RuntimeError("The model's attention has a mask of its own: its rows keep their padding.")
        if not named.get("dropout_p"):
            return _attended(named, blocks_of(tuple(chain(*self._lengths)), self._device))
        # what is dropped is drawn in the shape that the owner's rows have alone
        pieces, sizes = list[torch.Tensor](), [sum(lengths) for lengths in self._lengths]
        cut = {name: torch.split(named.pop(name), sizes) for name in ("query", "key", "value")}
        for owner, lengths in enumerate(self._lengths):
            mine = {name: parts[owner] for name, parts in cut.items()}
            with self._only(owner):
                pieces.append(_attended({**named, **mine}, blocks_of(lengths, self._device)))
        return torch.cat(pieces)


@dataclass(frozen=True)
class RowBlocks:
    """How tokens fill blocks of rows of about one length, each filled up to the longest of its block.

    What fills up comes after the row's tokens, which never see it, and is its own first token.
    """

    tokens: tuple[torch.Tensor, ...]  # by block: which token is where, [rows, tokens of the longest]
    target_modules: torch.Tensor  # by token, where it is among those of all blocks


@lru_cache(maxsize=256)
def blocks_of(lengths: tuple[int, ...], device: torch.device) -> RowBlocks:
    """Rows of ``lengths`` in blocks: those between two powers of 2 together, so that no row doubles."""
    many = torch.tensor(lengths)
    starts, kinds = many.cumsum(0) - many, torch.tensor([length.bit_length() for length in lengths])
    blocks, there = list[torch.Tensor](), list[torch.Tensor]()
    for kind in sorted({length.bit_length() for length in lengths}):
        mine = kinds == kind
        number = torch.arange(int(many[mine].max()))
        real = number < many[mine, None]
        blocks.append(starts[mine, None] + number * real)
        there.append(real)
    order = torch.cat([block[real] for block, real in zip(blocks, there, strict=True)])
    filled = torch.cat([real.flatten() for real in there]).nonzero().squeeze(1)
    return RowBlocks(tuple(block.to(device) for block in blocks), filled[order.argsort()].to(device))


def _attended(named: Mapping[str, Any], blocks: RowBlocks) -> torch.Tensor:
    heads, features = named["query"].shape[1], named["value"].shape[3]
    seen = []
    for block in blocks.tokens:
        rows = {name: _in_rows(named[name], block) for name in ("query", "key", "value")}
        seen.append(
            ATTENTION(**{**named, **rows, "is_causal": True}).transpose(1, 2).reshape(block.numel(), -1)
        )
    return torch.cat(seen).index_select(0, blocks.target_modules).view(-1, heads, 1, features)


def _in_rows(x: torch.Tensor, block: torch.Tensor) -> torch.Tensor:
    """``x`` [tokens, heads, 1, features] to [rows, heads, tokens of the longest, features]."""
    rows = x.reshape(len(x), -1).index_select(0, block.flatten())
    return rows.view(*block.shape, x.shape[1], x.shape[3]).transpose(1, 2)


TRIED = (4, 3)  # tokens of the rows on which a base is tried
CLOSE = 0.02  # of its largest logit: rounding in bf16 and int8; other attention is far off


def can_do_without_padding(base: nn.Module) -> bool:
    """Whether ``base``, in eval mode and with nothing on it, answers the same without padding: it is tried.

    Not with attention by hand or over a window, and not where tokens see others elsewhere.
    """
    if base not in _KNOWN:
        _KNOWN[base] = _answers_the_same(base)
    return _KNOWN[base]


@torch.no_grad()
def _answers_the_same(base: Any) -> bool:
    config: Any = getattr(base, "config", None)
    if getattr(config, "_attn_implementation", None) != "sdpa" or _looks_through_windows(config):
        return False
    ids = torch.arange(len(TRIED) * max(TRIED)).view(len(TRIED), -1) % config.vocab_size
    mask = torch.arange(max(TRIED)) < torch.tensor(TRIED)[:, None]
    batch = {"input_ids": ids.to(base.device), "attention_mask": mask.long(), "labels": ids}
    rows, padded = Unpadded([batch], base), Padded([batch])
    try:
        with rows.attention():
            ours = base(**rows.given, use_cache=False).logits[:, 0]
    except (RuntimeError, TypeError, ValueError, IndexError):  # the shapes are not those that it expects
        return False
    expected = base(**padded.given, use_cache=False).logits[mask.to(base.device)]
    return bool((ours - expected).abs().max() <= CLOSE * expected.abs().max())


def _looks_through_windows(config: Any) -> bool:
    kinds = set(getattr(config, "layer_types", None) or ["full_attention"])
    window = getattr(config, "sliding_window", None) and getattr(config, "use_sliding_window", True)
    return bool(window or getattr(config, "attention_chunk_size", None) or kinds != {"full_attention"})
