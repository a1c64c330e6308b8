"""The forms of a prompt: a question in the template of the study, or a text to go on with."""

from astraios_ray.errors import ConfigError

INSTRUCT = "instruct"  # in the template of the study: for models that were tuned, and for chats
COMPLETE = "complete"  # a text to go on with: for base models
FORMS = (INSTRUCT, COMPLETE)


def check_form(evaluator: str, ask: str) -> None:
    """Raises ConfigError when the option ``ask`` of an evaluator is no form."""
    if ask not in FORMS:
        raise ConfigError(f"evaluator {evaluator}: ask={ask}: expected one of {', '.join(FORMS)}.")


def prompt_of(question: str, answer_start: str = "") -> str:
    """The template of Astraios, which other templates take apart; the answer begins with ``answer_start``.

    The prompt is stripped, since a tokenizer can join a line end to the blanks behind it.
    """
    return f"Question: {question}\n\nAnswer:\n{answer_start}".strip()
