"""The documents of blocks as rows of their own, so that none sees another."""

from collections.abc import Iterator

import torch
from torch.nn.utils.rnn import pad_sequence

from astraios_ray.data.packing import IGNORED
from astraios_ray.data.tokenise import Rows


def separated(blocks: Rows) -> Rows:
    """Each document of ``blocks`` that has a token to predict as a row, padded to the longest, in order."""
    numbers, real = blocks.attention_mask, blocks.attention_mask > 0
    first_numbers = torch.arange(len(blocks))[:, None] * (numbers.max() + 1)
    _, counts = torch.unique_consecutive((first_numbers + numbers)[real], return_counts=True)
    lengths = counts.tolist()

    def rows(values: torch.Tensor, fill: int) -> torch.Tensor:
        return pad_sequence(list(torch.split(values[real], lengths)), batch_first=True, padding_value=fill)

    labels = rows(blocks.labels, IGNORED)
    documents = Rows(rows(blocks.input_ids, 0), labels, rows(real.long(), 0))
    return documents.at((labels != IGNORED).any(1).nonzero().flatten())


def of_similar_length(rows: Rows, tokens: int) -> Iterator[Rows]:
    """``rows`` from long to short, in parts that take at most ``tokens`` tokens with their padding."""
    lengths, order = rows.attention_mask.sum(1).sort(descending=True, stable=True)
    start = 0
    while start < len(order):
        longest = int(lengths[start])
        end = start + max(1, tokens // longest)
        part = rows.at(order[start:end])
        yield Rows(*(values[:, :longest] for values in (part.input_ids, part.labels, part.attention_mask)))
        start = end
