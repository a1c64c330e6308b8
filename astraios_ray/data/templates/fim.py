"""The template ``fim``: fill in the middle, as prefix, suffix, middle (arXiv 2207.14255)."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from astraios_ray.data.rows import Row
from astraios_ray.data.templates.raw import refuse_turns
from astraios_ray.data.templates.template import Question, TemplateSettings, Text, Tokenizer
from astraios_ray.data.templates.template_registry import TEMPLATES
from astraios_ray.errors import ConfigError

TOKENS = (  # in front of the prefix, the suffix and the middle
    ("<fim_prefix>", "<fim_suffix>", "<fim_middle>"),  # StarCoder, Granite
    ("<fim-prefix>", "<fim-suffix>", "<fim-middle>"),  # SantaCoder
    ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),  # Qwen2.5-Coder, CodeGemma
    # DeepSeek-Coder
    ("<\uff5cfim\u2581begin\uff5c>", "<\uff5cfim\u2581hole\uff5c>", "<\uff5cfim\u2581end\uff5c>"),
    ("\u2581<PRE>", "\u2581<SUF>", "\u2581<MID>"),  # Code Llama
)


@dataclass(frozen=True)
class FillInTheMiddle:
    """A prompt and its completion are a prefix and the middle, with no suffix.

    Of raw texts the share ``rate`` is cut at two places, drawn by ``seed`` and the text; others stay.
    """

    tokens: tuple[str, str, str]
    rate: float
    seed: int
    begins: bool = True
    split_special_tokens: bool = False
    stops: tuple[int, ...] = ()

    def texts(self, row: Row) -> Sequence[Text]:
        """One text, of which the middle is learnt, or all of a text that is not cut."""
        refuse_turns(row, "fim")
        if len(row.turns) == 2:
            return [self._text(row.turns[0].text, row.turns[1].text, "")]
        text = row.turns[0].text
        draws = random.Random(f"{self.seed} {text}")
        if draws.random() >= self.rate:
            return [Text(text, ((0, len(text) + 1),))]
        first, second = sorted(draws.randint(0, len(text)) for _ in range(2))
        return [self._text(text[:first], text[first:second], text[second:])]

    def asked(self, question: Question, answer: str = "") -> str:
        """The instruction as the prefix, with no suffix; the answer begins behind it."""
        if not question.instruction:
            return self._front(question.start, "") + answer
        return self._front(question.instruction, "") + question.start + answer

    def _text(self, prefix: str, middle: str, suffix: str) -> Text:
        front = self._front(prefix, suffix)
        text = front + middle
        return Text(text, ((len(front), len(text) + 1),))

    def _front(self, prefix: str, suffix: str) -> str:
        before_prefix, before_suffix, before_middle = self.tokens
        return f"{before_prefix}{prefix}{before_suffix}{suffix}{before_middle}"


@TEMPLATES.add("fim")
def _make(tokenizer: Tokenizer, settings: TemplateSettings) -> FillInTheMiddle:
    vocabulary = tokenizer.get_vocab()
    complete = [tokens for tokens in TOKENS if all(token in vocabulary for token in tokens)]
    if not complete:
        raise ConfigError(_explain_missing(vocabulary))
    return FillInTheMiddle(complete[0], settings.fim_rate, settings.seed)


def _explain_missing(vocabulary: Mapping[str, int]) -> str:
    nearest = min(TOKENS, key=lambda tokens: sum(token not in vocabulary for token in tokens))
    missing = ", ".join(token for token in nearest if token not in vocabulary)
    return (
        f"data.template: fim needs three tokens, and this model's tokenizer lacks {missing}. Known are "
        f"{'; '.join(' '.join(tokens) for tokens in TOKENS)}. Use a model trained with them, or none."
    )
