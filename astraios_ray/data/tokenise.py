"""Tokens of instruction data: samples of texts, and the rows that all trials of a study share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch

from astraios_ray.data.packing import IGNORED, Sample
from astraios_ray.data.row_shapes.shape import RowFault
from astraios_ray.data.rows import Row
from astraios_ray.data.seq2seq import Widths
from astraios_ray.data.templates import ASTRAIOS, Template, Text, encode_in
from astraios_ray.data.text_tokens import TextTokens
from astraios_ray.errors import DataError
from astraios_ray.records import Value


class TokenRows(Protocol):
    """Rows of tokens, all padded to one length, that need not be in memory."""

    def __len__(self) -> int:
        """The number of rows."""
        ...

    @property
    def length(self) -> int:
        """The tokens of a row, padding included."""
        ...

    @property
    def filled(self) -> float:
        """The share of tokens that are not padding."""
        ...

    @property
    def documents(self) -> int:
        """The number of documents in all rows."""
        ...

    def at(self, numbers: torch.Tensor) -> "Rows":
        """The rows ``numbers``, in this order."""
        ...


@dataclass(frozen=True)
class Rows:
    """Token rows in memory, each an int64 tensor [rows, tokens]. Padding has mask 0 and label -100.

    The mask numbers the documents of a row from 1: those that do not see each other. The first label of
    every document is -100, so that a method with virtual tokens in front predicts the same tokens as the
    others.
    """

    input_ids: torch.Tensor
    labels: torch.Tensor
    attention_mask: torch.Tensor

    def __len__(self) -> int:
        return len(self.input_ids)

    @property
    def length(self) -> int:
        """The tokens of a row, padding included."""
        return self.input_ids.shape[1]

    @property
    def filled(self) -> float:
        """The share of tokens that are not padding."""
        return float((self.attention_mask > 0).double().mean())

    @property
    def documents(self) -> int:
        """The number of documents in all rows."""
        return int(self.attention_mask.amax(1).sum())

    def at(self, numbers: torch.Tensor) -> "Rows":
        """The rows ``numbers``, in this order."""
        return Rows(self.input_ids[numbers], self.labels[numbers], self.attention_mask[numbers])


@dataclass(frozen=True)
class Blocks:
    """The training and validation rows of a study, with counts of how they were made."""

    train: TokenRows
    validation: TokenRows
    about: Mapping[str, Value] = field(default_factory=dict)  # counts, for the record of the study
    front: tuple[str, ...] | None = None  # special tokens at the beginning of a text; None: not known
    widths: Widths | None = None  # of rows for an encoder-decoder


def make_samples(
    rows: Sequence[Row], tokenizer: Any, eos_id: int, template: Template = ASTRAIOS, *, loss_on: str
) -> list[Sample]:
    """The tokens and labels of each text of each row. ``loss_on`` completion labels answers only.

    Raises DataError for rows that the template cannot write.
    """
    texts = [text for row in rows for text in _texts(row, template)]
    encoded = encode_in(template, tokenizer, [text.text for text in texts], offsets=loss_on != "all")
    return [_sample(text, tokens, eos_id, loss_on) for text, tokens in zip(texts, encoded, strict=True)]


def _texts(row: Row, template: Template) -> Sequence[Text]:
    try:
        return template.texts(row)
    except RowFault as fault:
        raise DataError(f"{row.source}: {fault}") from fault


def _sample(text: Text, tokens: TextTokens, eos_id: int, loss_on: str) -> Sample:
    """The tokens of one text, with one EOS at its end unless the template writes ends itself."""
    missing = text.ends and tokens.ids[-1:] != [eos_id]
    ids = [*tokens.ids, eos_id] if missing else tokens.ids
    if loss_on == "all":
        return Sample(ids, list(ids), len(text.text))
    places = [*tokens.offsets, (len(text.text), len(text.text) + 1)] if missing else tokens.offsets
    labels = [
        token
        if any(start < end_of_span and end > start_of_span for start_of_span, end_of_span in text.learnt)
        else IGNORED
        for token, (start, end) in zip(ids, places, strict=True)
    ]
    return Sample(ids, labels, len(text.text))
