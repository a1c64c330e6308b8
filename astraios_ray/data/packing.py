"""Packs samples of many lengths into rows of one length."""

import random
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

IGNORED = -100  # the label of a token that is not predicted
SAMPLES_MEASURED = 400  # for characters per token (Astraios, training/finetune.py, ``chars_token_ratio``)
BLOCKS_PER_BUFFER = 1000  # Astraios' ``num_of_sequences``


@dataclass(frozen=True)
class Sample:
    """The tokens of one instruction row, end of text included, and their labels; or a block of several."""

    ids: list[int]
    labels: list[int]
    characters: int  # of the text
    starts: tuple[int, ...] = (0,)  # where its documents begin

    def cut(self, length: int) -> "Sample":
        """The first ``length`` tokens."""
        return Sample(self.ids[:length], self.labels[:length], self.characters)


@dataclass(frozen=True)
class Packed:
    """Samples in rows of limited length, and the losses of packing."""

    rows: list[Sample]  # not yet padded to the length
    truncated: int = 0  # samples that lost their end
    dropped_tokens: int = 0  # in ends and tails that no row contains


def pack_rows(samples: Sequence[Sample], length: int) -> Packed:
    """One sample per row; a longer sample loses its end."""
    surpluses = [len(sample.ids) - length for sample in samples if len(sample.ids) > length]
    return Packed([sample.cut(length) for sample in samples], len(surpluses), sum(surpluses))


def pack_blocks(samples: Sequence[Sample], length: int, *, drop_tail: bool, seed: int) -> Packed:
    """Blocks of exactly ``length`` tokens out of the joined samples: Astraios' ConstantLengthDataset.

    A buffer is filled with the characters of 1,000 blocks. Its samples are joined and cut into blocks,
    regardless of where samples begin. Its last block, which is not full, is dropped, and the others are
    shuffled. With ``drop_tail`` false the last block is kept, shorter than the others.
    """
    shuffler, rows, dropped = random.Random(seed), [], 0
    for buffer in _buffers(samples, length):
        ids = [token for sample in buffer for token in sample.ids]
        labels = [label for sample in buffer for label in sample.labels]
        documents = list(accumulate((len(sample.ids) for sample in buffer[:-1]), initial=0))
        blocks = [
            Sample(ids[at : at + length], labels[at : at + length], 0, _starts(documents, at, length))
            for at in range(0, len(ids), length)
        ]
        if drop_tail and len(blocks[-1].ids) < length:
            dropped += len(blocks.pop().ids)
        shuffler.shuffle(blocks)
        rows += blocks
    return Packed(rows, dropped_tokens=dropped)


def pack_whole(samples: Sequence[Sample], length: int) -> Packed:
    """As many samples as fit into each block, in order; none is split, and a longer sample loses its end."""
    fitting = pack_rows(samples, length)
    rows: list[Sample] = []
    for sample in fitting.rows:
        if rows and len(rows[-1].ids) + len(sample.ids) <= length:
            starts = (*rows[-1].starts, len(rows[-1].ids))
            rows[-1] = Sample(rows[-1].ids + sample.ids, rows[-1].labels + sample.labels, 0, starts)
        else:
            rows.append(sample)
    return Packed(rows, fitting.truncated, fitting.dropped_tokens)


def _starts(documents: Sequence[int], at: int, length: int) -> tuple[int, ...]:
    """Where documents begin in the block from token ``at`` on; the rest of a split one begins it."""
    first, last = bisect_right(documents, at), bisect_left(documents, at + length)
    return (0, *(start - at for start in documents[first:last]))


def _buffers(samples: Sequence[Sample], length: int) -> Iterator[Sequence[Sample]]:
    """Consecutive samples that just reach the characters of BLOCKS_PER_BUFFER blocks."""
    measured = samples[:SAMPLES_MEASURED]
    tokens = sum(len(sample.ids) - 1 for sample in measured)  # the end of text is no part of the text
    full = length * BLOCKS_PER_BUFFER * sum(sample.characters for sample in measured) / max(1, tokens)
    reached = list(accumulate(sample.characters for sample in samples))
    start, base = 0, 0
    while start < len(samples):
        end = next((i for i in range(start, len(samples)) if reached[i] - base >= full), len(samples) - 1) + 1
        yield samples[start:end]
        start, base = end, reached[end - 1]
