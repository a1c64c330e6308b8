"""Tokenizers whose tokens are single characters."""

from collections.abc import Sequence
from typing import Any

LETTERS = "\n abcdefghijklmnopqrstuvwxyz()"
END = len(LETTERS)


class Letters:
    """A tokenizer of single characters; the token after the last one ends a text."""

    eos_token_id = END

    def __call__(self, texts: Sequence[str], **_: Any) -> dict[str, list[list[int]]]:
        ids = [[LETTERS.index(letter) for letter in text] for text in texts]
        return {"input_ids": ids, "special_tokens_mask": [[0] * len(sequence) for sequence in ids]}

    def decode(self, tokens: Sequence[int], skip_special_tokens: bool = False) -> str:
        return "".join(LETTERS[token] for token in tokens if token < END)

    def batch_decode(self, texts: Sequence[Sequence[int]]) -> list[str]:
        return [self.decode(text) for text in texts]


class EndedLetters(Letters):
    """One that puts its end behind every text, as T5's does. A sign that it does not know is a blank."""

    def __call__(self, texts: Sequence[str], **_: Any) -> dict[str, list[list[int]]]:
        ids = [[max(LETTERS.find(letter), LETTERS.index(" ")) for letter in text] + [END] for text in texts]
        return {"input_ids": ids, "special_tokens_mask": [[0] * (len(row) - 1) + [1] for row in ids]}
