"""The tokens of a text, made in one way for training, generation and likelihoods.

A text begins with the special tokens that the tokenizer puts in front by default (BOS, say). What it
appends (EOS, a separator) is removed: a prompt continues, and training adds one end to a complete text.
A marker of beginning or end that stands inside a row or a prompt is text: data ends no document.
"""

import re
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


def tail_of(tokenizer: Any) -> list[int]:
    """The special tokens that the tokenizer puts behind a text: what ``encode_texts`` removes."""
    encoded = tokenizer([PROBE], return_special_tokens_mask=True)
    (ids,), (special,) = encoded["input_ids"], encoded["special_tokens_mask"]
    tail: list[int] = ids[len(special) - special[::-1].index(0) :]
    return tail


def encode_texts(
    tokenizer: Any,
    texts: Sequence[str],
    *,
    offsets: bool = False,
    begins: bool = True,
    split_special_tokens: bool = True,
) -> Iterator[TextTokens]:
    """The tokens of each text. ``offsets`` need a fast tokenizer of transformers.

    ``begins`` false: a text of a chat template, which writes all special tokens itself.
    ``split_special_tokens``: markers inside the text (BOS, EOS, padding and their like) are made of ordinary
    tokens. Those with which the tokenizer begins texts stay at the beginning, and EOS at the end.
    """
    encoded = _encoded(tokenizer, texts, offsets, begins)
    markers = set(_markers(tokenizer)) if split_special_tokens else set()
    if not markers:
        yield from encoded
        return
    for text, tokens in zip(texts, encoded, strict=True):
        inner = tokens.ids[tokens.front : -1] if _ends(tokenizer, tokens) else tokens.ids[tokens.front :]
        yield tokens if markers.isdisjoint(inner) else _split(tokenizer, text, tokens, offsets)


def _markers(tokenizer: Any) -> list[int]:
    """The special tokens that have a role at the ends of a text, and not inside it."""
    roles = ("bos", "eos", "pad", "cls", "sep", "mask")
    numbers = [getattr(tokenizer, f"{role}_token_id", None) for role in roles]
    return [number for number in numbers if number is not None]


def _ends(tokenizer: Any, tokens: TextTokens) -> bool:
    return tokens.ids[-1:] == [tokenizer.eos_token_id]


def _split(tokenizer: Any, text: str, tokens: TextTokens, offsets: bool) -> TextTokens:
    """The tokens of a text whose inner markers are text; other special tokens stay what they are."""
    front, end = "".join(tokenizer.convert_ids_to_tokens(tokens.ids[: tokens.front])), tokenizer.eos_token
    start = len(front) if text.startswith(front) else 0
    stop = len(text) - len(end) if _ends(tokenizer, tokens) and text.endswith(end) else len(text)
    ids, places = tokens.ids[: tokens.front], tokens.offsets[: tokens.front]
    for at, part, number in _parts(tokenizer, text, start, stop):
        if number is not None:
            inner = TextTokens([number], 0, [(0, len(part))])
        else:
            (inner,) = _encoded(tokenizer, [part], offsets, True, split_special_tokens=True)
        ids += inner.ids[inner.front :]
        places += [(first + at, last + at) for first, last in inner.offsets[inner.front :]]
    return TextTokens(ids, tokens.front, places if offsets else [])


def _parts(tokenizer: Any, text: str, start: int, stop: int) -> Iterator[tuple[int, str, int | None]]:
    """The places and parts of a text; the id of those that are special tokens, EOS at its end included."""
    decoder, markers = tokenizer.added_tokens_decoder, _markers(tokenizer)
    others = {
        token.content: number for number, token in decoder.items() if token.special and number not in markers
    }
    pattern = "|".join(map(re.escape, sorted(others, key=len, reverse=True))) or "(?!)"
    for part in re.split(f"({pattern})", text[start:stop]):
        if part:
            yield start, part, others.get(part)
        start += len(part)
    if stop < len(text):
        yield stop, text[stop:], tokenizer.eos_token_id


def _encoded(
    tokenizer: Any, texts: Sequence[str], offsets: bool, begins: bool, **options: bool
) -> Iterator[TextTokens]:
    """The tokens of each text, in which special tokens are themselves unless ``options`` split them."""
    encoded = tokenizer(
        list(texts),
        add_special_tokens=begins,
        return_special_tokens_mask=True,
        return_offsets_mapping=offsets,
        truncation=False,
        verbose=False,
        **options,
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
