"""Rows as spans of the joined tokens of all samples; those that are asked for become padded tensors."""

from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import torch

from astraios_ray.data.packing import IGNORED, Counts, Packed, Sample, sample_starts
from astraios_ray.data.tokenise import Rows

Tokens = npt.NDArray[np.int32]


class JoinedTokens:
    """Writes the tokens of samples one behind the other: an int32 each, ``~id`` where it is not learnt."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._lengths, self._characters = array("q"), array("q")
        self.prompts_cut = self.prompt_tokens_cut = 0

    def append(self, samples: Iterable[Sample]) -> None:
        """Write the tokens of ``samples``."""
        for sample in samples:
            ids, labels = np.array(sample.ids, np.int32), np.array(sample.labels, np.int32)
            learnt = labels != IGNORED
            assert np.array_equal(labels[learnt], ids[learnt]), "a label is its token, or IGNORED"
            self._file.write(np.where(learnt, ids, ~ids).tobytes())
            self._lengths.append(len(ids))
            self._characters.append(sample.characters)
            self.prompts_cut += sample.prompt_cut > 0
            self.prompt_tokens_cut += sample.prompt_cut

    @property
    def lengths(self) -> Counts:
        """How many tokens each sample has."""
        return np.array(self._lengths, np.int64)

    @property
    def characters(self) -> Counts:
        """How many characters the text of each sample has."""
        return np.array(self._characters, np.int64)


@dataclass(frozen=True)
class PackedRows:
    """Rows of ``length`` tokens, of which only their own tokens are kept, in memory or in a mapped file."""

    tokens: Tokens  # as JoinedTokens writes them
    spans: Counts  # [rows, 2]: the first token of a row, and the one behind its last
    document_starts: Counts  # tokens with which documents begin, ascending; empty: each row is a document
    length: int
    padding: int  # its id

    def __len__(self) -> int:
        return len(self.spans)

    @property
    def size(self) -> int:
        """The number of tokens in all rows."""
        return int((self.spans[:, 1] - self.spans[:, 0]).sum())

    @property
    def filled(self) -> float:
        """The share of tokens that are not padding."""
        return self.size / (len(self) * self.length)

    @property
    def documents(self) -> int:
        """The number of documents in all rows."""
        starts, ends = self.spans[:, 0], self.spans[:, 1]
        inner = np.searchsorted(self.document_starts, ends) - self._documents_upto(starts)
        return len(self) + int(inner.sum())

    def at(self, numbers: torch.Tensor) -> Rows:
        """The rows ``numbers``, in this order, padded."""
        starts, ends = self.spans[numbers.numpy()].T[:, :, None]
        places = starts + np.arange(self.length)
        real = places < ends
        stored = self.tokens[np.minimum(places, ends - 1)].astype(np.int64)
        learnt, ids = stored >= 0, np.where(stored < 0, ~stored, stored)
        documents = 1 + self._documents_upto(places) - self._documents_upto(starts)
        first = np.diff(documents, axis=1, prepend=0) > 0
        return Rows(
            torch.from_numpy(np.where(real, ids, self.padding)),
            torch.from_numpy(np.where(real & learnt & ~first, ids, IGNORED)),
            torch.from_numpy(np.where(real, documents, 0)),
        )

    def has_target(self, number: int) -> bool:
        """Whether a row has a token to predict."""
        start, end = self.spans[number]
        learnt = self.tokens[start:end] >= 0
        first, last = np.searchsorted(self.document_starts, (start, end))
        learnt[:1] = False
        learnt[self.document_starts[first:last] - start] = False
        return bool(learnt.any())

    def _documents_upto(self, places: Counts) -> Counts:
        return np.searchsorted(self.document_starts, places, side="right")


def pack_in_memory(
    samples: Iterable[Sample], pack: Callable[[Counts], Packed], length: int, padding: int
) -> PackedRows:
    """Rows of few samples, each a document, without a file. ``pack`` makes rows of the samples' lengths."""
    buffer = BytesIO()
    joined = JoinedTokens(buffer)
    joined.append(samples)
    tokens, lengths = np.frombuffer(buffer.getvalue(), np.int32), joined.lengths
    return PackedRows(tokens, pack(lengths).spans, sample_starts(lengths), length, padding)
