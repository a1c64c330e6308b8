"""The tokens of a text, made in one way for training, writing and likelihoods.

A text begins with the special tokens that the tokenizer puts in front by default (BOS, say). What it puts
behind (EOS, a separator) is left out: a prompt goes on, and a finished text gets its one end from training.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

PROBE = "Question:"  # how every sample of training begins


@dataclass(frozen=True)
class TextTokens:
    """The tokens of one text; none where the text has none of its own."""

    ids: list[int]
    front: int  # so many of ``ids`` begin every text
    offsets: list[tuple[int, int]]  # the characters that each token stands for; (0, 0) for special tokens

    def last(self, count: int) -> list[int]:
        """``count`` tokens at most: those in front, and the last of the text's own."""
        surplus = max(len(self.ids) - count, 0)
        return self.ids[: self.front] + self.ids[self.front + surplus :]


def front_of(tokenizer: Any) -> list[str]:
    """The special tokens that the tokenizer puts in front of a text."""
    (probe,) = encode_texts(tokenizer, [PROBE])
    words: list[str] = tokenizer.convert_ids_to_tokens(probe.ids[: probe.front])
    return words


def encode_texts(tokenizer: Any, texts: Sequence[str], *, offsets: bool = False) -> Iterator[TextTokens]:
    """The tokens of each text. ``offsets`` are made on request, by fast tokenizers of transformers alone."""
    encoded = tokenizer(
        list(texts),
        add_special_tokens=True,
        return_special_tokens_mask=True,
        return_offsets_mapping=offsets,
        truncation=False,
        verbose=False,
    )
    places = encoded["offset_mapping"] if offsets else repeat([], len(texts))
    for ids, added, where in zip(encoded["input_ids"], encoded["special_tokens_mask"], places, strict=True):
        yield _begun(ids, added, where)


def _begun(ids: list[int], added: list[int], offsets: list[tuple[int, int]]) -> TextTokens:
    """Without what the tokenizer ``added`` behind, and with the front once where the text brings its own."""
    if 0 not in added:
        return TextTokens([], 0, [])
    front, end = added.index(0), len(added) - added[::-1].index(0)
    start = front if ids[front:end][:front] == ids[:front] else 0
    return TextTokens(ids[start:end], front, offsets[start:end])
