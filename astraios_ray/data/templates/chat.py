"""The template ``chat``: the tokenizer's own chat template, or one that the study writes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jinja2
from transformers.utils.chat_template_utils import render_jinja_template

from astraios_ray.data.row_shapes.shape import RowFault
from astraios_ray.data.rows import ASSISTANT, RAW, SYSTEM, USER, Row, Turn
from astraios_ray.data.templates.template import MARK, Question, TemplateSettings, Text, Tokenizer
from astraios_ray.data.templates.template_registry import TEMPLATES
from astraios_ray.errors import ConfigError

GENERATION = re.compile(r"\{%-?\s*generation\s*-?%\}")

Turns = Sequence[Turn]


@dataclass(frozen=True)
class Chat:
    """Conversations as the Jinja text ``jinja`` writes them.

    Tokens are those of ``apply_chat_template``. Answers are learnt with what the template writes behind them;
    where it says itself what an answer is (``{% generation %}``), that. A template that writes earlier turns
    otherwise than the last one makes one text of each answer, as it is asked.
    """

    jinja: str
    tokens: Mapping[str, str]  # the special tokens that it may name
    system: str | None
    ends: bool  # whether it leaves the end of text to us
    begins: bool = False
    split_special_tokens: bool = False
    stops: tuple[int, ...] = ()

    def texts(self, row: Row) -> Sequence[Text]:
        """One text, or one of each answer."""
        if row.turns[0].role == RAW:
            raise RowFault("data.template chat writes conversations, found raw text; write none or fim.")
        turns = self._with_system(row.turns)
        if GENERATION.search(self.jinja):
            return [self._by_template(turns)]
        text = self._rendered(turns)
        spans = [self._span(turns, place) for place, turn in enumerate(turns) if turn.role == ASSISTANT]
        if all(text.startswith(span_text) for span_text, _ in spans):
            return [Text(text, tuple(span for _, span in spans), self.ends)]
        return [Text(span_text, (span,), self.ends) for span_text, span in spans]

    def asked(self, question: Question, answer: str = "") -> str:
        """All that stands in front of an answer, and its beginning."""
        user = Turn(USER, question.instruction or question.start)
        return self._front(self._with_system((user,)), (question.start + answer).lstrip())

    @property
    def end(self) -> str:
        """What stands behind an answer."""
        text = self._rendered(self._with_system((Turn(USER, "a"), Turn(ASSISTANT, MARK))))
        return text[text.rindex(MARK) + 1 :] if MARK in text else ""

    def _span(self, turns: Turns, place: int) -> tuple[str, tuple[int, int]]:
        """The conversation up to the answer at ``place``, and the characters of the answer."""
        text = self._rendered(turns[: place + 1])
        front = self._front(turns[:place], "")
        if not text.startswith(front):  # what stands in front depends on the answer: a thought, say
            front = self._rendered(turns[:place], add_generation_prompt=True)
        if not text.startswith(front):
            raise RowFault("the chat template writes an answer and asks for it in different ways.")
        return text, (len(front), len(text) + (place == len(turns) - 1))

    def _by_template(self, turns: Turns) -> Text:
        text, spans = self._render(turns, return_assistant_tokens_mask=True)
        end = (len(text), len(text) + 1)  # of the text, where the template writes none
        return Text(text, (*((start, stop) for start, stop in spans[0]), end), self.ends)

    def _front(self, turns: Turns, start: str) -> str:
        """The text in front of the next answer, and the beginning of it."""
        text = self._rendered([*turns, Turn(ASSISTANT, start + MARK)])
        if MARK not in text:
            raise RowFault("the chat template does not write the answer; expected the text of each turn.")
        return text[: text.rindex(MARK)]

    def _with_system(self, turns: Turns) -> Turns:
        has_system = turns[0].role == SYSTEM or self.system is None
        return turns if has_system else (Turn(SYSTEM, str(self.system)), *turns)

    def _rendered(self, turns: Turns, **options: bool) -> str:
        text: str = self._render(turns, **options)[0]
        return text

    def _render(self, turns: Turns, **options: Any) -> tuple[str, Any]:
        messages = [{"role": turn.role, "content": turn.text} for turn in turns]
        try:
            texts, spans = render_jinja_template(
                [messages], chat_template=self.jinja, **options, **self.tokens
            )
        except (jinja2.TemplateError, TypeError) as error:
            roles = ", ".join(turn.role for turn in turns)
            raise RowFault(f"the chat template refuses the turns {roles}: {error}.") from error
        return texts[0], spans


def make_chat(tokenizer: Tokenizer, jinja: str, system: str | None) -> Chat:
    """The chat template ``jinja``. Raises ConfigError when it cannot be rendered."""
    tokens = tokenizer.special_tokens_map
    try:
        end = Chat(jinja, tokens, system, ends=True).end
    except RowFault as fault:
        raise ConfigError(f"data.template: {fault}") from fault
    stops = _special(tokenizer, end)[:1]
    return Chat(jinja, tokens, system, ends=not stops, stops=stops)


def _special(tokenizer: Tokenizer, text: str) -> tuple[int, ...]:
    """The special tokens in ``text``."""
    special = {number for number, token in tokenizer.added_tokens_decoder.items() if token.special}
    return tuple(number for number in tokenizer.encode(text, add_special_tokens=False) if number in special)


@TEMPLATES.add("chat")
def _make(tokenizer: Tokenizer, settings: TemplateSettings) -> Chat:
    try:
        jinja = tokenizer.get_chat_template()
    except ValueError as error:
        raise ConfigError(
            "data.template: chat needs the chat template of the model's tokenizer, which has none; write a "
            "Jinja text with messages, or astraios."
        ) from error
    return make_chat(tokenizer, jinja, settings.system)
