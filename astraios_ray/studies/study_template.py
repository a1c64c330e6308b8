"""The template of a study: checked with its model's tokenizer, before anything starts."""

from typing import Any

from astraios_ray.config.study import StudyConfig
from astraios_ray.data.templates import ASTRAIOS, Template, make_template
from astraios_ray.models.load_base import BUILTIN, load_tokenizer


def tokenizer_of(study: StudyConfig) -> Any:
    """The tokenizer of the model; None for a built-in one where Astraios' template makes it unnecessary."""
    ref = study.model.ref()
    needless = ref.id.startswith(BUILTIN) and study.data.template == "astraios"
    return None if needless else load_tokenizer(ref)


def template_of(study: StudyConfig, tokenizer: Any) -> Template:
    """The template of the study. Raises ConfigError when the model's ``tokenizer`` lacks what it needs."""
    return make_template(study.data_ref(), tokenizer) if tokenizer else ASTRAIOS


def unused_chat_template(study: StudyConfig, tokenizer: Any) -> str:
    """The warning that a tokenizer's chat template is not used; empty where it is, or where there is none."""
    template = study.data.template
    if tokenizer is None or template == "chat" or "{" in template or tokenizer.chat_template is None:
        return ""
    return (
        f"The tokenizer of {study.model.id} has a chat template, and data.template is {template}. An "
        "instruct model is trained and asked in its own template with data.template: chat."
    )
