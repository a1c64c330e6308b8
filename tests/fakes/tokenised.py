"""Tokenised rows of a test, read into memory as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from astraios_ray.data.seq2seq import Widths
from astraios_ray.data.token_files import mapped, tokenise
from astraios_ray.data.tokenise import Rows, TokenRows
from astraios_ray.records import DataRef, Value


@dataclass(frozen=True)
class Tokenised:
    """All that a trainer gets of its rows."""

    train: Rows
    validation: Rows
    about: Mapping[str, Value]
    front: tuple[str, ...] | None
    widths: Widths | None


def tokenised(ref: DataRef, tokenizer: Any, eos_id: int, *, seq2seq: bool = False) -> Tokenised:
    """The rows of ``ref``, through files as a lane gets them."""
    with TemporaryDirectory() as folder:
        tokenise(ref, tokenizer, eos_id, Path(folder), lambda share: None, seq2seq=seq2seq)
        blocks = mapped(Path(folder))
        rows = every(blocks.train), every(blocks.validation)
        return Tokenised(*rows, blocks.about, blocks.front, blocks.widths)


def every(rows: TokenRows) -> Rows:
    """All rows, padded."""
    return rows.at(torch.arange(len(rows)))
