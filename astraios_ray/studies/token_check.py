"""Finds texts of a study with tokens that its model has no embedding for, before anything starts."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from torch import nn

from astraios_ray.config.study import StudyConfig
from astraios_ray.data.parts import read_parts
from astraios_ray.data.templates import Template, encode_in, make_template, question_of
from astraios_ray.errors import DataError
from astraios_ray.evaluation.loading import read_problems
from astraios_ray.models.load_base import BUILTIN, load_tokenizer

AT_ONCE = 1000  # texts


def check_tokens(study: StudyConfig, model: nn.Module) -> None:
    """Raise DataError that names the first row or prompt with a token beyond the embeddings of ``model``.

    They are read only where the tokenizer has such tokens. Raises ConfigError without a tokenizer.
    """
    if study.model.id.startswith(BUILTIN):
        return
    tokenizer, embeddings = load_tokenizer(study.model.ref()), _embeddings(model)
    if max(tokenizer.get_vocab().values()) < embeddings:
        return
    template = make_template(study.data_ref(), tokenizer)
    texts = _texts(study, template)
    while some := list(islice(texts, AT_ONCE)):
        encoded = encode_in(
            template,
            tokenizer,
            [text for _, text in some],
        )
        for (place, _), tokens in zip(some, encoded, strict=True):
            token = max([*tokens.ids, tokenizer.eos_token_id or 0])  # every row ends with eos
            if token >= embeddings:
                raise DataError(
                    f"{place}: has token id {token} ({tokenizer.convert_ids_to_tokens(token)!r}), and "
                    f"{study.model.id} has {embeddings} embeddings, from id 0. Resize them with "
                    "model.resize_token_embeddings(len(tokenizer)), save the model, and give its folder."
                )


def _texts(study: StudyConfig, template: Template) -> Iterator[tuple[str, str]]:
    """The texts of all rows and prompts, with their places."""
    parts = read_parts(study.data_ref())
    for row in (*parts.training, *parts.validation):
        yield from ((row.source, text.text) for text in template.texts(row))
    for task in study.evaluate.tasks:
        for problem in read_problems(task).values():
            yield f"{task}, problem {problem.id}", template.asked(question_of(problem.prompt))


def _embeddings(model: Any) -> int:
    return int(model.get_input_embeddings().weight.shape[0])
