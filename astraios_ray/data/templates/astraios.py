"""The template of Astraios: a question, and its answer (training/finetune.py, ``prepare_sample_text``)."""

from collections.abc import Sequence
from dataclasses import dataclass

from astraios_ray.data.row_shapes.shape import RowFault
from astraios_ray.data.rows import Row
from astraios_ray.data.templates.template import (
    PAIRS,
    Question,
    TemplateSettings,
    Text,
    Tokenizer,
    words_of_roles,
)
from astraios_ray.data.templates.template_registry import TEMPLATES


@dataclass(frozen=True)
class Astraios:
    """``Question: …``, an empty line, ``Answer: …``. A system's text stands in front of the question."""

    begins: bool = True
    split_special_tokens: bool = True
    stops: tuple[int, ...] = ()

    def texts(self, row: Row) -> Sequence[Text]:
        """One text; the answer is learnt from the blank in front of it on."""
        if tuple(turn.role for turn in row.turns) not in PAIRS:
            raise RowFault(
                f"data.template astraios writes one question and its answer, found {words_of_roles(row)}; "
                "write chat for conversations, none or fim for raw text, or a Jinja text."
            )
        prompt = f"Question: {row.prompt}\n\nAnswer:"
        text = f"{prompt} {row.completion}"
        return [Text(text, ((len(prompt), len(text) + 1),))]

    def asked(self, question: Question, answer: str = "") -> str:
        """The evaluator's prompt as it is."""
        return question.prompt + answer


ASTRAIOS = Astraios()


@TEMPLATES.add("astraios")
def _make(tokenizer: Tokenizer, settings: TemplateSettings) -> Astraios:
    return ASTRAIOS
