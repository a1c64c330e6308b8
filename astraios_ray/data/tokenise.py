"""Makes the token rows that all trials of a study share from instruction data."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from astraios_ray.data.masking import mask_rows
from astraios_ray.data.packing import IGNORED, Packed, Sample, pack_blocks, pack_rows, pack_whole
from astraios_ray.data.parts import read_parts
from astraios_ray.data.row_shapes.shape import RowFault
from astraios_ray.data.rows import Row
from astraios_ray.data.templates import ASTRAIOS, Template, Text, encode_in, front_in, make_template
from astraios_ray.data.text_tokens import TextTokens
from astraios_ray.errors import ConfigError, DataError
from astraios_ray.records import DataRef, Value

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rows:
    """Token rows, each an int64 tensor [rows, tokens]. Padding has mask 0 and label -100.

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

    train: Rows
    validation: Rows
    about: Mapping[str, Value] = field(default_factory=dict)  # counts, for the record of the study
    front: tuple[str, ...] | None = None  # special tokens at the beginning of a text; None: not known


def tokenise(ref: DataRef, tokenizer: Any, eos_id: int) -> Blocks:
    """The rows that ``ref`` names, in the tokens of ``tokenizer``, a fast one of transformers.

    Its mask removes training rows; validation keeps all rows, so that losses stay comparable. The same
    arguments give the same blocks. Losses (ends of long samples, tails of blocks, rows without a token to
    predict) are counted in ``about`` and logged. Raises DataError and ConfigError.
    """
    read, template = read_parts(ref), make_template(ref, tokenizer)
    training, validation = read.training, read.validation
    about: dict[str, Value] = {"columns": _columns([*training, *validation]), **read.about}
    if ref.mask is not None:
        training, masked = mask_rows(training, ref.mask)
        about.update(masked)
        logger.info("training rows: %s", masked)
    parts: dict[str, Rows] = {}
    for name, part in (("train", training), ("validation", validation)):
        samples = make_samples(part, tokenizer, eos_id, template, loss_on=ref.loss_on)
        packed = _pack(samples, ref)
        parts[name] = _padded(name, packed, ref, eos_id, about)
        about[f"{name}_samples"] = len(samples)
    return Blocks(parts["train"], parts["validation"], about, tuple(front_in(template, tokenizer)))


def make_samples(
    rows: Sequence[Row], tokenizer: Any, eos_id: int, template: Template = ASTRAIOS, *, loss_on: str
) -> list[Sample]:
    """The tokens and labels of each text of each row. ``loss_on`` completion labels answers only.

    Raises DataError for rows that the template cannot write.
    """
    texts = [text for row in rows for text in _texts(row, template)]
    encoded = encode_in(
        template,
        tokenizer,
        [text.text for text in texts],
        offsets=True,
    )
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


def pad(rows: Sequence[Sample], length: int, eos_id: int) -> Rows:
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


def _pack(samples: Sequence[Sample], ref: DataRef) -> Packed:
    packed = _joined(samples, ref)
    if ref.isolate_documents:
        return packed
    return replace(packed, rows=[replace(row, starts=(0,)) for row in packed.rows])


def _joined(samples: Sequence[Sample], ref: DataRef) -> Packed:
    if ref.packing == "rows":
        return pack_rows(samples, ref.sequence_length)
    if ref.packing == "blocks" and ref.split_samples:
        return pack_blocks(samples, ref.sequence_length, drop_tail=ref.drop_tail, seed=ref.seed)
    if ref.packing == "blocks":
        return pack_whole(samples, ref.sequence_length)
    raise ConfigError(f"data.packing: found {ref.packing!r}, expected blocks or rows.")


def _padded(name: str, packed: Packed, ref: DataRef, eos_id: int, about: dict[str, Value]) -> Rows:
    """The packed rows that have a token to predict, padded; their counts go into ``about``."""
    rows = [row for row in packed.rows if _has_target(row)]
    counts = {
        "rows": len(rows),
        "tokens": sum(len(row.ids) for row in rows),
        "truncated": packed.truncated,
        "dropped_tokens": packed.dropped_tokens,
        "without_target": len(packed.rows) - len(rows),
    }
    about.update({f"{name}_{key}": count for key, count in counts.items()})
    if not rows:
        raise DataError(_explain_none(name, packed, ref))
    if packed.truncated or packed.dropped_tokens or counts["without_target"]:
        logger.warning("%s data at %d tokens: %s", name, ref.sequence_length, counts)
    return pad(rows, ref.sequence_length, eos_id)


def _has_target(row: Sample) -> bool:
    return any(label != IGNORED for n, label in enumerate(row.labels) if n not in row.starts)


def _explain_none(name: str, packed: Packed, ref: DataRef) -> str:
    if packed.rows:
        return (
            f"data: no {name} row of {ref.sequence_length} tokens reaches its completion; "
            "make data.sequence_length larger."
        )
    return (
        f"data: the {name} rows have {packed.dropped_tokens} tokens, less than one block of "
        f"{ref.sequence_length}; make data.sequence_length smaller, set data.drop_tail to false, or "
        "give more rows."
    )


def _columns(rows: Sequence[Row]) -> str:
    counts = Counter(row.columns for row in rows)
    return ", ".join(f"{columns} ({count})" for columns, count in counts.items())
