"""Tokenised rows of a test, read into memory as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

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


def tokenised(ref: DataRef, tokenizer: Any, eos_id: int) -> Tokenised:
    """The rows of ``ref``, through files as a lane gets them."""
    with TemporaryDirectory() as folder:
        tokenise(ref, tokenizer, eos_id, Path(folder), lambda share: None)
        blocks = mapped(Path(folder))
        return Tokenised(every(blocks.train), every(blocks.validation), blocks.about, blocks.front)


def every(rows: TokenRows) -> Rows:
    """All rows, padded."""
    return rows.at(torch.arange(len(rows)))
