"""A tokenizer whose tokens are single characters."""

from collections.abc import Sequence

LETTERS = "\n abcdefghijklmnopqrstuvwxyz()"
END = len(LETTERS)


class Letters:
    """A tokenizer of single characters; the token after the last one ends a text."""

    eos_token_id = END

    def __call__(self, text: str, add_special_tokens: bool) -> dict[str, list[int]]:
        return {"input_ids": [LETTERS.index(letter) for letter in text]}

    def decode(self, tokens: Sequence[int], skip_special_tokens: bool = False) -> str:
        return "".join(LETTERS[token] for token in tokens if token < END)

    def batch_decode(self, texts: Sequence[Sequence[int]]) -> list[str]:
        return [self.decode(text) for text in texts]
