"""Answer with the likelier of two texts: one forward pass per problem, no generation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import torch
from torch import nn

from astraios_ray.data.templates import ASTRAIOS, Template
from astraios_ray.data.text_tokens import TextTokens
from astraios_ray.errors import ConfigError
from astraios_ray.evaluation.batched_models import BatchedModels, evaluating
from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.generation_batch import ROWS
from astraios_ray.evaluation.prompt_tokens import batches_of, positions_of, prompt_tokens
from astraios_ray.records import Completion


@dataclass(frozen=True)
class _Question:
    """The tokens that one model reads of one problem, and the next token of each choice."""

    owner: int
    problem: Problem
    tokens: list[int]
    start: list[int]  # that the decoder of an encoder-decoder begins with
    differing: list[int]

    @property
    def lengths(self) -> tuple[int, int]:
        """Of both parts."""
        return len(self.tokens), len(self.start)


def likeliest(
    model: nn.Module,
    tokenizer: Any,
    problems: Sequence[Problem],
    choices: tuple[str, str],
    device: str | torch.device = "cpu",
    rows_per_batch: int = ROWS,
    template: Template = ASTRAIOS,
) -> Iterator[Completion]:
    """The likelier choices of one model, by ``likeliest_all``."""
    with evaluating(model) as models:
        for _, item in likeliest_all(
            models, tokenizer, [problems], choices, device, rows_per_batch, template
        ):
            yield item


@torch.no_grad()
def likeliest_all(
    models: BatchedModels,
    tokenizer: Any,
    problems_by_model: Sequence[Sequence[Problem]],
    choices: tuple[str, str],
    device: str | torch.device = "cpu",
    rows_per_batch: int = ROWS,
    template: Template = ASTRAIOS,
) -> Iterator[tuple[int, Completion]]:
    """The choice that is likelier to follow each prompt, with the index of the model.

    ``problems_by_model`` holds the problems of each of ``models``. The first choice wins a tie. Each choice
    is tokenised behind its prompt, as an answer is in training. Choices are compared at the first token in
    which they differ: later tokens do not tell the choices apart, and would make the longer one less likely.
    When a prompt has more tokens than the model has positions, its special tokens and its end are kept.
    Raises ConfigError when a tokenizer makes one choice the beginning of the other, DataError for a prompt
    without tokens.
    """
    virtual = models.virtual_tokens
    rows = _questions(models, tokenizer, problems_by_model, choices, template)
    for _, group in groupby(rows, key=lambda row: (*row.lengths, virtual[row.owner])):
        questions = list(group)
        for start in range(0, len(questions), rows_per_batch):
            batch = questions[start : start + rows_per_batch]
            texts = [(row.owner, row.tokens, row.start) for row in batch]
            logits = models.begin(batches_of(texts, models, device), None).logits[:, -1]
            differing = torch.tensor([row.differing for row in batch], device=device)
            for row, place in zip(batch, logits.gather(1, differing).argmax(dim=1).tolist(), strict=True):
                yield row.owner, Completion(row.problem.id, 0, choices[place])


def _questions(
    models: BatchedModels,
    tokenizer: Any,
    problems_by_model: Sequence[Sequence[Problem]],
    choices: tuple[str, str],
    template: Template,
) -> list[_Question]:
    """All questions, short ones first; equally long ones are sorted by model."""
    virtual, positions = models.virtual_tokens, positions_of(models)
    by_prompt = {problem.prompt: problem for problems in problems_by_model for problem in problems}
    partings = {
        prompt: _parting(models, tokenizer, problem, choices, template)
        for prompt, problem in by_prompt.items()
    }
    rows = []
    for owner, problems in enumerate(problems_by_model):
        for problem in problems:
            shared, start, differing = partings[problem.prompt]
            tokens = shared.last(positions - virtual[owner])
            rows.append(_Question(owner, problem, tokens, start, differing))
    return sorted(rows, key=lambda row: (*row.lengths, virtual[row.owner], row.owner))


def _parting(
    models: BatchedModels, tokenizer: Any, problem: Problem, choices: tuple[str, str], template: Template
) -> tuple[TextTokens, list[int], list[int]]:
    """The tokens that a prompt has with either choice behind it, and the next token of each choice.

    An encoder-decoder has these tokens in two parts; the choices are in the second.
    """
    prompt_tokens(models, tokenizer, problem, template)  # raises when there are none
    (first, start), (second, other_start) = (
        prompt_tokens(models, tokenizer, problem, template, choice) for choice in choices
    )
    texts = (start, other_start) if start else (first.ids, second.ids)
    equal = [a == b for a, b in zip(*texts, strict=False)]
    if all(equal):
        raise ConfigError(f"scoring: this model's tokenizer cannot tell {choices[0]!r} from {choices[1]!r}.")
    place = equal.index(False)
    shared = first if start else TextTokens(first.ids[:place], first.front, [])
    return shared, start[:place], [text[place] for text in texts]
