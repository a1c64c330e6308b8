"""Tokenising as it was before rows were mapped: all samples as Python lists, all rows as padded tensors."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

import torch

from astraios_ray.data.masking import mask_rows
from astraios_ray.data.packing import BLOCKS_PER_BUFFER, IGNORED, SAMPLES_MEASURED
from astraios_ray.data.parts import read_parts
from astraios_ray.data.templates import make_template
from astraios_ray.data.tokenise import Rows, make_samples
from astraios_ray.records import DataRef, Value


@dataclass(frozen=True)
class Block:
    """The tokens and labels of a row, and where its documents begin."""

    ids: list[int]
    labels: list[int]
    characters: int
    starts: tuple[int, ...] = (0,)


def tokenised_in_lists(ref: DataRef, tokenizer: Any, eos_id: int) -> tuple[dict[str, Rows], dict[str, Value]]:
    """The rows of both parts, and their counts."""
    read, template = read_parts(ref), make_template(ref, tokenizer)
    training = read.training if ref.mask is None else mask_rows(read.training, ref.mask)[0]
    parts, about = dict[str, Rows](), dict[str, Value]()
    for name, part in (("train", training), ("validation", read.validation)):
        made = make_samples(part, tokenizer, eos_id, template, loss_on=ref.loss_on)
        samples = [Block(sample.ids, sample.labels, sample.characters) for sample in made]
        rows, truncated, dropped = packed(samples, ref)
        with_targets = [row for row in rows if _has_target(row)]
        counts = (len(with_targets), sum(len(row.ids) for row in with_targets), truncated, dropped)
        names = ("rows", "tokens", "truncated", "dropped_tokens")
        about |= {f"{name}_{key}": count for key, count in zip(names, counts, strict=True)}
        about |= {f"{name}_without_target": len(rows) - len(with_targets), f"{name}_samples": len(samples)}
        parts[name] = pad(with_targets, ref.sequence_length, eos_id)
    return parts, about


def packed(samples: Sequence[Block], ref: DataRef) -> tuple[list[Block], int, int]:
    """The rows, how many samples lost their end, and how many tokens no row has."""
    length = ref.sequence_length
    if ref.packing == "blocks" and ref.split_samples:
        rows, truncated, dropped = _blocks(samples, ref)
    else:
        surpluses = [len(sample.ids) - length for sample in samples if len(sample.ids) > length]
        cut = [Block(s.ids[:length], s.labels[:length], s.characters) for s in samples]
        rows, truncated, dropped = cut, len(surpluses), sum(surpluses)
        if ref.packing == "blocks":
            rows = _whole(cut, length)
    if not ref.isolate_documents:
        rows = [replace(row, starts=(0,)) for row in rows]
    return rows, truncated, dropped


def pad(rows: Sequence[Block], length: int, eos_id: int) -> Rows:
    """``rows`` padded to ``length`` tokens at their ends."""
    ids = torch.full((len(rows), length), eos_id)
    labels, mask = torch.full_like(ids, IGNORED), torch.zeros_like(ids)
    for number, row in enumerate(rows):
        ids[number, : len(row.ids)] = torch.tensor(row.ids)
        labels[number, : len(row.ids)] = torch.tensor(row.labels)
        starts = torch.tensor(row.starts)
        labels[number, starts] = IGNORED
        mask[number, starts] = 1
        mask[number, : len(row.ids)] = mask[number, : len(row.ids)].cumsum(0)
    return Rows(ids, labels, mask)


def _blocks(samples: Sequence[Block], ref: DataRef) -> tuple[list[Block], int, int]:
    shuffler, rows, dropped, length = random.Random(ref.seed), list[Block](), 0, ref.sequence_length
    for buffer in _buffers(samples, length):
        ids = [token for sample in buffer for token in sample.ids]
        labels = [label for sample in buffer for label in sample.labels]
        documents = list(accumulate((len(sample.ids) for sample in buffer[:-1]), initial=0))
        blocks = [
            Block(
                ids[at : at + length],
                labels[at : at + length],
                0,
                (0, *(start - at for start in documents if at < start < at + length)),
            )
            for at in range(0, len(ids), length)
        ]
        if ref.drop_tail and len(blocks[-1].ids) < length:
            dropped += len(blocks.pop().ids)
        shuffler.shuffle(blocks)
        rows += blocks
    return rows, 0, dropped


def _whole(samples: Sequence[Block], length: int) -> list[Block]:
    rows: list[Block] = []
    for sample in samples:
        if rows and len(rows[-1].ids) + len(sample.ids) <= length:
            starts = (*rows[-1].starts, len(rows[-1].ids))
            rows[-1] = Block(rows[-1].ids + sample.ids, rows[-1].labels + sample.labels, 0, starts)
        else:
            rows.append(sample)
    return rows


def _buffers(samples: Sequence[Block], length: int) -> Iterator[Sequence[Block]]:
    measured = samples[:SAMPLES_MEASURED]
    tokens = sum(len(sample.ids) - 1 for sample in measured)
    full = length * BLOCKS_PER_BUFFER * sum(sample.characters for sample in measured) / max(1, tokens)
    reached = list(accumulate(sample.characters for sample in samples))
    start, base = 0, 0
    while start < len(samples):
        end = next((i for i in range(start, len(samples)) if reached[i] - base >= full), len(samples) - 1) + 1
        yield samples[start:end]
        start, base = end, reached[end - 1]


def _has_target(row: Block) -> bool:
    return any(label != IGNORED for number, label in enumerate(row.labels) if number not in row.starts)
