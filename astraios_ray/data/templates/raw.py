"""The template ``none``: raw text, for continued pre-training."""

from collections.abc import Sequence
from dataclasses import dataclass

from astraios_ray.data.row_shapes.shape import RowFault
from astraios_ray.data.rows import ASSISTANT, RAW, USER, Row
from astraios_ray.data.templates.template import (
    Question,
    TemplateSettings,
    Text,
    Tokenizer,
    words_of_roles,
)
from astraios_ray.data.templates.template_registry import TEMPLATES


@dataclass(frozen=True)
class RawText:
    """A raw text as it is; a prompt with its completion right behind it."""

    begins: bool = True
    split_special_tokens: bool = True
    stops: tuple[int, ...] = ()

    def texts(self, row: Row) -> Sequence[Text]:
        """One text, of which a prompt is not learnt."""
        refuse_turns(row, "none")
        prompt = row.turns[0].text if len(row.turns) == 2 else ""
        text = prompt + row.turns[-1].text
        return [Text(text, ((len(prompt), len(text) + 1),))]

    def asked(self, question: Question, answer: str = "") -> str:
        """The instruction, and the beginning of the answer right behind it."""
        return question.instruction + question.start + answer


def refuse_turns(row: Row, template: str) -> None:
    """Raise RowFault unless the row is a raw text, or a prompt and its completion."""
    if tuple(turn.role for turn in row.turns) not in ((RAW,), (USER, ASSISTANT)):
        raise RowFault(
            f"data.template {template} writes raw text, or a prompt and its completion, found "
            f"{words_of_roles(row)}; write chat for conversations."
        )


@TEMPLATES.add("none")
def _make(tokenizer: Tokenizer, settings: TemplateSettings) -> RawText:
    return RawText()
