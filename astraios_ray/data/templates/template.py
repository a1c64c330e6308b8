"""What a template is: the text of a row as trained, and of a question as asked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from astraios_ray.data.rows import ASSISTANT, SYSTEM, USER, Row

Tokenizer = Any  # a fast tokenizer of transformers

MARK = "\ue000"
"""A letter of private use that stands where an answer begins while a template is rendered."""

PAIRS = ((USER, ASSISTANT), (SYSTEM, USER, ASSISTANT))
"""The roles of a row with one question."""

_ASTRAIOS = re.compile(r"Question: (.*)\n\nAnswer:(.*)", re.DOTALL)


@dataclass(frozen=True)
class Text:
    """A text to train on."""

    text: str
    learnt: tuple[tuple[int, int], ...]  # the characters of answers; the end of text stands at len(text)
    ends: bool = True  # whether the tokenizer's end of text follows


@dataclass(frozen=True)
class Question:
    """What an evaluator asks: an instruction, and the beginning of the answer, which a model continues.

    Without an instruction the prompt is a text to continue.
    """

    instruction: str
    start: str

    @property
    def text(self) -> str:
        """Both parts, in no template."""
        return f"{self.instruction} {self.start}"

    @property
    def prompt(self) -> str:
        """The prompt in the template of Astraios."""
        return f"Question: {self.instruction}\n\nAnswer:{self.start}" if self.instruction else self.start


def question_of(prompt: str) -> Question:
    """The parts of an evaluator's prompt, which is in the template of Astraios or is a text to continue."""
    match = _ASTRAIOS.fullmatch(prompt)
    return Question(*match.groups()) if match and match[1] else Question("", prompt)


@dataclass(frozen=True)
class TemplateSettings:
    """What a study says of its template."""

    jinja: str = ""  # the text of a template that the study writes
    system: str | None = None
    fim_rate: float = 0.5
    seed: int = 0


class Template(Protocol):
    """Writes rows and questions for one tokenizer.

    The text of a question is the beginning of the text of a row with the same question and an answer that
    begins alike.
    """

    @property
    def begins(self) -> bool:
        """Whether the tokenizer's special tokens stand in front of every text."""
        ...

    @property
    def split_special_tokens(self) -> bool:
        """Whether special tokens inside a text are text: the template writes none itself."""
        ...

    @property
    def stops(self) -> tuple[int, ...]:
        """The tokens that end an answer, beside the tokenizer's end of text."""
        ...

    def texts(self, row: Row) -> Sequence[Text]:
        """The texts of a row. Raises RowFault when the template cannot write it."""
        ...

    def asked(self, question: Question, answer: str = "") -> str:
        """The text that a model continues; ``answer`` follows the beginning of the question's answer."""
        ...


def words_of_roles(row: Row) -> str:
    """The roles of a row's turns, for a message."""
    return ", ".join(turn.role for turn in row.turns)
