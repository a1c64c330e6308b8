"""Packs samples of many lengths into rows of one length: which of the joined tokens make each row."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

IGNORED = -100  # the label of a token that is not predicted
SAMPLES_MEASURED = 400  # for characters per token (Astraios, training/finetune.py, ``chars_token_ratio``)
BLOCKS_PER_BUFFER = 1000  # Astraios' ``num_of_sequences``

Counts: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Sample:
    """The tokens of one instruction row, end of text included, and their labels."""

    ids: list[int]
    labels: list[int]
    characters: int  # of the text
    prompt_cut: int = 0  # tokens of the prompt that were left out, since the row is too long


@dataclass(frozen=True)
class Packed:
    """The rows as spans of the joined tokens of all samples, and the losses of packing."""

    spans: Counts  # [rows, 2]: the first token of a row, and the one behind its last
    truncated: int = 0  # samples that lost their end
    dropped_tokens: int = 0  # in ends and tails that no row contains


def sample_starts(lengths: Counts) -> Counts:
    """The place of each sample's first token among the joined tokens."""
    return np.cumsum(lengths) - lengths


def pack_rows(lengths: Counts, length: int) -> Packed:
    """One sample per row; a longer sample loses its end."""
    starts, surpluses = sample_starts(lengths), np.maximum(lengths - length, 0)
    return Packed(
        np.stack([starts, starts + lengths - surpluses], axis=1),
        int(np.count_nonzero(surpluses)),
        int(surpluses.sum()),
    )


def pack_blocks(lengths: Counts, characters: Counts, length: int, *, drop_tail: bool, seed: int) -> Packed:
    """Blocks of exactly ``length`` tokens out of the joined samples: Astraios' ConstantLengthDataset.

    A buffer is filled with the characters of 1,000 blocks. Its samples are joined and cut into blocks,
    regardless of where samples begin. Its last block, which is not full, is dropped, and the others are
    shuffled. With ``drop_tail`` false the last block is kept, shorter than the others.
    """
    shuffler, dropped = random.Random(seed), 0
    ends, spans = np.cumsum(lengths), [np.empty((0, 2), np.int64)]
    for first, last in _buffers(lengths, characters, length):
        start, end = int(ends[first] - lengths[first]), int(ends[last])
        blocks = [(at, min(at + length, end)) for at in range(start, end, length)]
        if drop_tail and (end - start) % length:
            at, _ = blocks.pop()
            dropped += end - at
        shuffler.shuffle(blocks)
        spans.append(np.array(blocks, np.int64).reshape(-1, 2))
    return Packed(np.concatenate(spans), dropped_tokens=dropped)


def pack_whole(lengths: Counts, length: int) -> Packed:
    """As many samples as fit into each block, in order; none is split, and a longer sample loses its end."""
    cut, blocks = pack_rows(lengths, length), list[list[int]]()
    for start, end in cut.spans.tolist():
        if blocks and end - blocks[-1][0] <= length:
            blocks[-1][1] = end
        else:
            blocks.append([start, end])
    return Packed(np.array(blocks, np.int64).reshape(-1, 2), cut.truncated, cut.dropped_tokens)


def _buffers(lengths: Counts, characters: Counts, length: int) -> Iterator[tuple[int, int]]:
    """First and last of consecutive samples that just reach the characters of BLOCKS_PER_BUFFER blocks."""
    measured = slice(SAMPLES_MEASURED)
    tokens = int((lengths[measured] - 1).sum())  # the end of text is no part of the text
    full = math.ceil(length * BLOCKS_PER_BUFFER * int(characters[measured].sum()) / max(1, tokens))
    reached = np.cumsum(characters)
    first, base = 0, 0
    while first < len(lengths):
        last = int(np.clip(np.searchsorted(reached, base + full), first, len(lengths) - 1))
        yield first, last
        first, base = last + 1, int(reached[last])
