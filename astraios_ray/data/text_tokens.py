"""The tokens of a text, made in one way for training, generation and likelihoods.

A text begins with the special tokens that the tokenizer puts in front by default (BOS, say). What it
appends (EOS, a separator) is removed: a prompt continues, and training adds one end to a complete text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from astraios_ray.errors import ConfigError

PROBE = "Question:"  # the beginning of every training sample


@dataclass(frozen=True)
class TextTokens:
    """The tokens of one text; none where the text has only special tokens."""

    ids: list[int]
    front: int  # the number of special tokens at the beginning of ``ids``
    offsets: list[tuple[int, int]]  # the characters of each token; (0, 0) for special tokens

    def last(self, count: int) -> list[int]:
        """At most ``count`` tokens: the special ones in front, and the last ones of the text."""
        surplus = max(len(self.ids) - count, 0)
        return self.ids[: self.front] + self.ids[self.front + surplus :]


def end_of_text(tokenizer: Any, model: str) -> int:
    """The token that ends a text. Raises ConfigError when the tokenizer of ``model`` names none."""
    if tokenizer.eos_token_id is None:
        raise ConfigError(
            f"model.id: {model!r} has a tokenizer without an eos_token; samples end with it, so "
            "tokenizer_config.json has to name it."
        )
    return int(tokenizer.eos_token_id)


def front_of(tokenizer: Any) -> list[str]:
    """The special tokens that the tokenizer puts in front of a text."""
    (probe,) = encode_texts(tokenizer, [PROBE])
    words: list[str] = tokenizer.convert_ids_to_tokens(probe.ids[: probe.front])
    return words


def encode_texts(
    tokenizer: Any, texts: Sequence[str], *, offsets: bool = False, begins: bool = True
) -> Iterator[TextTokens]:
    """The tokens of each text. ``offsets`` need a fast tokenizer of transformers.

    ``begins`` false: a text of a chat template, which writes all special tokens itself.
    """
    encoded = tokenizer(
        list(texts),
        add_special_tokens=begins,
        return_special_tokens_mask=True,
        return_offsets_mapping=offsets,
        truncation=False,
        verbose=False,
    )
    offset_lists = encoded["offset_mapping"] if offsets else repeat([], len(texts))
    for columns in zip(encoded["input_ids"], encoded["special_tokens_mask"], offset_lists, strict=True):
        yield _trimmed(*columns) if begins else _as_written(tokenizer, *columns)


def _as_written(
    tokenizer: Any, ids: list[int], special_mask: list[int], offsets: list[tuple[int, int]]
) -> TextTokens:
    return TextTokens(ids, int(ids[:1] == [tokenizer.bos_token_id]), offsets)


def _trimmed(ids: list[int], special_mask: list[int], offsets: list[tuple[int, int]]) -> TextTokens:
    """Without the appended special tokens, and with the front once where the text begins with it."""
    if 0 not in special_mask:
        return TextTokens([], 0, [])
    front, end = special_mask.index(0), len(special_mask) - special_mask[::-1].index(0)
    start = front if ids[front:end][:front] == ids[:front] else 0
    return TextTokens(ids[start:end], front, offsets[start:end])
