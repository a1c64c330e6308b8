"""The cache of texts that are being generated: which models fill one, and how its rows are moved.

A layer of attention keeps keys and values of its tokens, the newest last, and drops the oldest where it looks
through a window. A layer of linear attention (a state-space model, a convolution) keeps one state per row,
whatever the row's length. A model may have both.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch.nn.functional import pad
from transformers import DynamicCache
from transformers.cache_utils import (
    Cache,
    DummyLayer,
    DynamicLayer,
    DynamicSlidingWindowLayer,
    EncoderDecoderCache,
    LinearAttentionAndFullAttentionLayer,
    LinearAttentionAndSlidingWindowAttentionLayer,
    LinearAttentionLayer,
)

from astraios_ray.encoder_decoder import is_encoder_decoder
from astraios_ray.evaluation.batched_models import BatchedModels
from astraios_ray.evaluation.prompt_tokens import batches_of

_MOVABLE = {  # kinds of layers that hold nothing but what ``joined`` and ``without_front`` move
    DynamicLayer,
    DynamicSlidingWindowLayer,
    LinearAttentionLayer,
    LinearAttentionAndFullAttentionLayer,
    LinearAttentionAndSlidingWindowAttentionLayer,
    DummyLayer,
}
_NO_CACHE_TAKEN = (AttributeError, LookupError, TypeError, ValueError)  # of models that take another kind


def new_cache(models: BatchedModels) -> Any:
    """An empty cache with the layers that the configuration of the models asks for.

    That of an encoder-decoder has the tokens that it writes, and the prompts that it has read.
    """
    if is_encoder_decoder(models):
        return EncoderDecoderCache(DynamicCache(), DynamicCache())
    return DynamicCache(config=models.config)


def prompts_in(cache: Any) -> Cache | None:
    """The part that holds the prompts that an encoder has read; None of a decoder's cache."""
    return cache.cross_attention_cache if isinstance(cache, EncoderDecoderCache) else None


@torch.no_grad()
def fills_a_cache(models: BatchedModels, device: torch.device) -> bool:
    """Whether all that the models remember is in a cache whose rows can be moved, by a test on one token.

    False where a model keeps its state in its modules, or in a cache of a kind of its own; and for an
    encoder-decoder that counts the positions of its decoder from the cache's beginning.
    """
    if is_encoder_decoder(models) and not hasattr(models.config, "relative_attention_num_buckets"):
        return False
    try:
        cache = getattr(
            models.begin(batches_of([(0, [0], [0])], models, device), new_cache(models)),
            "past_key_values",
            None,
        )
    except _NO_CACHE_TAKEN:
        return False
    return isinstance(cache, Cache) and all(type(layer) in _MOVABLE for layer in _tokens(cache).layers)


def _tokens(cache: Any) -> Any:
    return cache.self_attention_cache if isinstance(cache, EncoderDecoderCache) else cache


def tokens_in(cache: Any) -> int:
    """The number of tokens that the rows have, those outside a window included."""
    layers = _tokens(cache).layers
    return next((layer.get_seq_length() for layer in layers if isinstance(layer, DynamicLayer)), 0)


def select_rows(cache: Cache, rows: torch.Tensor) -> None:
    """Keep these rows, in this order; a row may come several times."""
    cache.reorder_cache(rows)


def joined(first: Any, second: Any) -> Any:
    """One cache with the rows of both; the shorter ones are moved to the right."""
    if isinstance(first, EncoderDecoderCache):
        return EncoderDecoderCache(
            joined(first.self_attention_cache, second.self_attention_cache),
            joined(first.cross_attention_cache, second.cross_attention_cache),
        )
    for layer, other in zip(first.layers, second.layers, strict=True):
        if isinstance(layer, DynamicLayer):
            _join_tokens(layer, other)
        if isinstance(layer, LinearAttentionLayer):
            for states in ("conv_states", "recurrent_states"):
                _join_states(getattr(layer, states), getattr(other, states))
    return first


def without_front(cache: Any, count: int) -> None:
    """Drop the first ``count`` tokens of every row, those outside a window counted."""
    for layer in _tokens(cache).layers:
        if isinstance(layer, DynamicLayer):
            length = layer.get_seq_length() - count
            dropped = max(layer.keys.shape[2] - length, 0)
            layer.keys, layer.values = layer.keys[:, :, dropped:], layer.values[:, :, dropped:]
            _set_length(layer, length)


def _join_tokens(layer: Any, other: Any) -> None:
    length = max(layer.get_seq_length(), other.get_seq_length())
    for name in ("keys", "values"):
        layer_and_other: Sequence[torch.Tensor] = (getattr(layer, name), getattr(other, name))
        longest = max(tensor.shape[2] for tensor in layer_and_other)
        padded = [pad(tensor, (0, 0, longest - tensor.shape[2], 0)) for tensor in layer_and_other]
        setattr(layer, name, torch.cat(padded))
    _set_length(layer, length)


def _join_states(states: dict[int, Any], others: dict[int, Any]) -> None:
    for number, state in states.items():
        if state is not None:
            states[number] = torch.cat([state, others[number]])


def _set_length(layer: Any, length: int) -> None:
    if isinstance(layer, DynamicSlidingWindowLayer):
        layer.cumulative_length = length
