"""Templates: how a row is written for training, and a question for asking; one file each."""

from astraios_ray.data.templates import astraios, chat, fim, jinja_text, raw
from astraios_ray.data.templates.astraios import ASTRAIOS
from astraios_ray.data.templates.template import Question, Template, Text, question_of
from astraios_ray.data.templates.template_registry import TEMPLATES, make_template, refuse_rows
from astraios_ray.data.templates.template_tokens import encode_in, front_in

__all__ = [
    "ASTRAIOS",
    "TEMPLATES",
    "Question",
    "Template",
    "Text",
    "astraios",
    "chat",
    "encode_in",
    "fim",
    "front_in",
    "jinja_text",
    "make_template",
    "question_of",
    "raw",
    "refuse_rows",
]
