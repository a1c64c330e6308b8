"""A template that a study writes in Jinja: of ``prompt`` and ``completion``, or of ``messages``."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from astraios_ray.config.data_checks import jinja_fault
from astraios_ray.data.row_shapes.shape import RowFault
from astraios_ray.data.rows import SYSTEM, Row
from astraios_ray.data.templates.chat import make_chat
from astraios_ray.data.templates.template import (
    MARK,
    PAIRS,
    Question,
    Template,
    TemplateSettings,
    Text,
    Tokenizer,
    words_of_roles,
)
from astraios_ray.data.templates.template_registry import JINJA, TEMPLATES
from astraios_ray.errors import ConfigError

ENVIRONMENT = ImmutableSandboxedEnvironment(
    trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
)


@dataclass(frozen=True)
class PromptText:
    """Jinja with ``prompt``, ``completion``, ``system``, ``bos_token`` and ``eos_token``."""

    jinja: str
    bos: str
    eos: str
    system: str | None
    begins: bool = True
    split_special_tokens: bool = False
    stops: tuple[int, ...] = ()

    def texts(self, row: Row) -> Sequence[Text]:
        """One text; all from the completion on is learnt."""
        roles = tuple(turn.role for turn in row.turns)
        if roles not in PAIRS:
            raise RowFault(
                f"a Jinja text with prompt and completion writes one question, found {words_of_roles(row)}; "
                "write one with messages."
            )
        if roles[0] == SYSTEM and not re.search(r"\bsystem\b", self.jinja):
            raise RowFault("the row has a text of the system, and the Jinja text no {{ system }}; add it.")
        system = row.turns[0].text if roles[0] == SYSTEM else self.system
        prompt, completion = row.turns[-2].text, row.turns[-1].text
        front = self._front(prompt, "", system)
        text = self._rendered(prompt, completion, system)
        return [Text(text, ((len(front), len(text) + 1),))]

    def asked(self, question: Question, answer: str = "") -> str:
        """All up to the completion, and the beginning of the answer."""
        start = (question.start + answer).lstrip()
        return self._front(question.instruction or question.start, start, self.system)

    def _front(self, prompt: str, start: str, system: str | None) -> str:
        text = self._rendered(prompt, start + MARK, system)
        if MARK not in text:
            raise RowFault("the Jinja text does not write the completion; expected {{ completion }} in it.")
        return text[: text.rindex(MARK)]

    def _rendered(self, prompt: str, completion: str, system: str | None) -> str:
        words = {"prompt": prompt, "completion": completion, "system": system or ""}
        return _compiled(self.jinja).render(**words, bos_token=self.bos, eos_token=self.eos)


@cache
def _compiled(jinja: str) -> jinja2.Template:
    return ENVIRONMENT.from_string(jinja)


@TEMPLATES.add(JINJA)
def _make(tokenizer: Tokenizer, settings: TemplateSettings) -> Template:
    """A chat template where the text has ``messages``, else one of a prompt and its completion.

    Raises ConfigError.
    """
    if fault := jinja_fault(settings.jinja):
        raise ConfigError(f"data.template: {fault}")
    if re.search(r"\bmessages\b", settings.jinja):
        return make_chat(tokenizer, settings.jinja, settings.system)
    return PromptText(settings.jinja, tokenizer.bos_token or "", tokenizer.eos_token or "", settings.system)
