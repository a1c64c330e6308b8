"""Tokenises the rows of a study into a folder of files, and maps them."""

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from astraios_ray.data.masking import mask_rows
from astraios_ray.data.packed_rows import JoinedTokens, PackedRows, Tokens
from astraios_ray.data.packing import Packed, Sample, pack_blocks, pack_rows, pack_whole, sample_starts
from astraios_ray.data.parts import read_parts
from astraios_ray.data.rows import Row
from astraios_ray.data.seq2seq import Widths, make_pair_samples, refuse_blocks
from astraios_ray.data.templates import front_in, make_template
from astraios_ray.data.tokenise import Blocks, make_samples
from astraios_ray.errors import ConfigError, DataError, TornFile
from astraios_ray.records import DataRef, Value

logger = logging.getLogger(__name__)

CHUNK = 1 << 18  # characters that are tokenised at once: Python needs some 300 bytes for each of their tokens
BUFFER = 1 << 20  # bytes that are written at once
PARTS = ("train", "validation")
LOSSES = ("truncated", "dropped_tokens", "without_target")
ABOUT, TOKENS, SPANS, DOCUMENTS = "about.json", ".tokens", ".spans.npy", ".documents.npy"

Progress = Callable[[float], None]  # gets the share of the characters that are tokens


def tokenise(
    ref: DataRef, tokenizer: Any, eos_id: int, folder: Path, progress: Progress, *, seq2seq: bool = False
) -> None:
    """Write the rows that ``ref`` names, in the tokens of ``tokenizer``, a fast one of transformers.

    ``seq2seq`` rows are for an encoder-decoder: a prompt's tokens and those of its answer.
    Its mask removes training rows; validation keeps all rows, so that losses stay comparable. The same
    arguments give the same files. Losses (ends of long samples and prompts, tails of blocks, rows without a
    token to predict) are counted in ``about`` and logged. Raises DataError and ConfigError.
    """
    if seq2seq:
        refuse_blocks(ref)
    read, template = read_parts(ref), make_template(ref, tokenizer)
    training, validation = read.training, read.validation
    about: dict[str, Value] = {"columns": _columns([*training, *validation]), **read.about}
    if ref.mask is not None:
        training, masked = mask_rows(training, ref.mask)
        about.update(masked)
        logger.info("training rows: %s", masked)
    chunks = _Chunks(sum(map(_characters, (*training, *validation))), progress)
    for name, rows in zip(PARTS, (training, validation), strict=True):
        samples = (
            make_pair_samples(some, tokenizer, eos_id, template, ref.sequence_length)
            if seq2seq
            else make_samples(some, tokenizer, eos_id, template, loss_on=ref.loss_on)
            for some in chunks.of(rows)
        )
        about |= _write(folder / name, samples, ref, eos_id)
        _warn(name, about, ref.sequence_length)
    front = front_in(template, tokenizer)
    record = {"about": about, "front": front, "length": ref.sequence_length, "padding": eos_id}
    (folder / ABOUT).write_text(json.dumps({**record, **({"widths": _widths(folder)} if seq2seq else {})}))


def mapped(folder: Path) -> Blocks:
    """The rows that ``tokenise`` wrote, mapped from their files. Raises TornFile where these are damaged."""
    try:
        record = json.loads((folder / ABOUT).read_text())
        train, validation = (_mapped(folder / name, record["length"], record["padding"]) for name in PARTS)
        widths = Widths(*record["widths"]) if "widths" in record else None
        return Blocks(train, validation, record["about"], tuple(record["front"]), widths)
    except (OSError, ValueError, KeyError) as error:
        raise TornFile(f"{folder}: is damaged ({error}); remove it.") from error


def warn(blocks: Blocks) -> None:
    """Log again what was lost when the rows were made."""
    for name in PARTS:
        _warn(name, blocks.about, blocks.train.length)


def _warn(name: str, about: Mapping[str, Value], length: int) -> None:
    truncated, dropped, without_target = (about[f"{name}_{key}"] for key in LOSSES)
    if truncated or dropped or without_target:
        logger.warning(
            "%s rows of at most %d tokens: %s remain; %s texts are cut, %s tokens are dropped, and %s rows "
            "are left out because nothing of their answer remained",
            *(name, length, about[f"{name}_rows"], truncated, dropped, without_target),
        )


@dataclass
class _Chunks:
    """Cuts rows into parts of CHUNK characters, and reports which share of all characters is past."""

    total: int
    progress: Progress
    past: int = 0

    def of(self, rows: Iterable[Row]) -> Iterator[list[Row]]:
        """``rows`` in parts, each reported once it is used."""
        chunk, characters = list[Row](), 0
        for row in rows:
            chunk.append(row)
            characters += _characters(row)
            if characters >= CHUNK:
                yield from self._used(chunk, characters)
                chunk, characters = [], 0
        if chunk:
            yield from self._used(chunk, characters)

    def _used(self, chunk: list[Row], characters: int) -> Iterator[list[Row]]:
        yield chunk
        self.past += characters
        self.progress(self.past / max(1, self.total))


def _characters(row: Row) -> int:
    return sum(len(turn.text) for turn in row.turns)


def _write(place: Path, samples: Iterable[Sequence[Sample]], ref: DataRef, eos_id: int) -> dict[str, Value]:
    """Write the files of one part, whose names begin with that of ``place``. Returns its counts."""
    with _path(place, TOKENS).open("wb", buffering=BUFFER) as file:
        joined = JoinedTokens(file)
        for some in samples:
            joined.append(some)
    packed = _packed(joined, ref)
    documents = sample_starts(joined.lengths) if ref.isolate_documents else joined.lengths[:0]
    np.save(_path(place, DOCUMENTS), documents)
    every = PackedRows(_tokens(place), packed.spans, documents, ref.sequence_length, eos_id)
    targets = [every.has_target(number) for number in range(len(every))]
    rows = replace(every, spans=packed.spans[targets])
    np.save(_path(place, SPANS), rows.spans)
    if not len(rows):
        raise DataError(_explain_none(place.name, packed, ref))
    counts = {
        "rows": len(rows),
        "tokens": rows.size,
        "truncated": packed.truncated + joined.prompts_cut,
        "dropped_tokens": packed.dropped_tokens + joined.prompt_tokens_cut,
        "without_target": len(every) - len(rows),
        "samples": len(joined.lengths),
    }
    return {f"{place.name}_{key}": count for key, count in counts.items()}


def _packed(joined: JoinedTokens, ref: DataRef) -> Packed:
    lengths, length = joined.lengths, ref.sequence_length
    if ref.packing == "rows":
        return pack_rows(lengths, length)
    if ref.packing == "blocks" and ref.split_samples:
        return pack_blocks(lengths, joined.characters, length, drop_tail=ref.drop_tail, seed=ref.seed)
    if ref.packing == "blocks":
        return pack_whole(lengths, length)
    raise ConfigError(f"data.packing: found {ref.packing!r}, expected blocks or rows.")


def _mapped(place: Path, length: int, padding: int) -> PackedRows:
    spans, documents = (np.load(_path(place, end), mmap_mode="r") for end in (SPANS, DOCUMENTS))
    rows = PackedRows(_tokens(place), spans, documents, length, padding)
    if int(spans[:, 1].max()) > len(rows.tokens):
        raise ValueError(f"{_path(place, TOKENS).name} ends before its last row")
    return rows


def _tokens(place: Path) -> Tokens:
    return np.memmap(_path(place, TOKENS), np.int32, "r").view(np.ndarray)


def _widths(folder: Path) -> tuple[int, int]:
    """The most tokens of a prompt and of an answer in any row."""
    prompt = answer = 0
    for name in PARTS:
        tokens = _tokens(folder / name)
        for start, end in np.load(_path(folder / name, SPANS)):
            learnt = int((tokens[start:end] >= 0).sum())
            prompt, answer = max(prompt, int(end - start) - learnt), max(answer, learnt)
    return prompt, answer


def _path(place: Path, end: str) -> Path:
    return place.with_name(place.name + end)


def _explain_none(name: str, packed: Packed, ref: DataRef) -> str:
    if len(packed.spans):
        return (
            f"data: no {name} row of {ref.sequence_length} tokens reaches its completion; "
            "make data.sequence_length larger."
        )
    return (
        f"data: the {name} rows have {packed.dropped_tokens} tokens, less than one block of "
        f"{ref.sequence_length}; make data.sequence_length smaller, set data.drop_tail to false, or "
        "give more rows."
    )


def _columns(rows: Iterable[Row]) -> str:
    counts = Counter(row.columns for row in rows)
    return ", ".join(f"{columns} ({count})" for columns, count in counts.items())
