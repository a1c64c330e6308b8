"""Answer by the likelier of two texts, without writing: one forward pass per problem."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import torch
from torch import nn
from transformers import DynamicCache

from astraios_ray.data.text_tokens import TextTokens, encode_texts
from astraios_ray.errors import ConfigError
from astraios_ray.evaluation.batched_models import BatchedModels, evaluating
from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.generation_batch import ROWS, positions_of, tokens_of
from astraios_ray.records import Completion


@dataclass(frozen=True)
class _Question:
    """What one voice reads of one problem, and the token of each choice that comes next."""

    owner: int
    problem: Problem
    tokens: list[int]
    differing: list[int]


def likeliest(
    model: nn.Module,
    tokenizer: Any,
    problems: Sequence[Problem],
    choices: tuple[str, str],
    device: str | torch.device = "cpu",
    rows_per_batch: int = ROWS,
) -> Iterator[Completion]:
    """What one model finds likelier, by ``likeliest_all``."""
    with evaluating(model) as alone:
        for _, item in likeliest_all(alone, tokenizer, [problems], choices, device, rows_per_batch):
            yield item


@torch.no_grad()
def likeliest_all(
    voices: BatchedModels,
    tokenizer: Any,
    asked: Sequence[Sequence[Problem]],
    choices: tuple[str, str],
    device: str | torch.device = "cpu",
    rows_per_batch: int = ROWS,
) -> Iterator[tuple[int, Completion]]:
    """Of each problem ``asked`` of each of ``voices`` the choice that is likelier to follow its prompt, with
    the place of who was asked; the first where both are as likely.

    Each choice is tokenised behind its prompt, as an answer is in training. Choices are compared at the first
    token in which they differ, after the tokens that they share: what follows that token says nothing of
    which was meant, and would make the longer one less likely. Of a prompt with more tokens than the model
    has positions the end is kept behind its special tokens. Raises ConfigError where a tokenizer makes one
    choice the beginning of the other, DataError for a prompt without tokens.
    """
    virtual = voices.virtual_tokens
    rows = _questions(voices, tokenizer, asked, choices)
    for _, group in groupby(rows, key=lambda row: (len(row.tokens), virtual[row.owner])):
        alike = list(group)
        for start in range(0, len(alike), rows_per_batch):
            some = alike[start : start + rows_per_batch]
            prompts: list[list[list[int]]] = [[] for _ in asked]
            for row in some:
                prompts[row.owner].append(row.tokens)
            given = [torch.tensor(mine, dtype=torch.long, device=device) for mine in prompts]
            logits = voices.begin(given, DynamicCache()).logits[:, -1]
            differing = torch.tensor([row.differing for row in some], device=device)
            for row, place in zip(some, logits.gather(1, differing).argmax(dim=1).tolist(), strict=True):
                yield row.owner, Completion(row.problem.id, 0, choices[place])


def _questions(
    voices: BatchedModels, tokenizer: Any, asked: Sequence[Sequence[Problem]], choices: tuple[str, str]
) -> list[_Question]:
    """All that is to be read, short ones first, those of one voice together."""
    virtual, positions = voices.virtual_tokens, positions_of(voices)
    by_prompt = {problem.prompt: problem for problems in asked for problem in problems}
    partings = {prompt: _parting(tokenizer, problem, choices) for prompt, problem in by_prompt.items()}
    rows = []
    for voice, problems in enumerate(asked):
        for problem in problems:
            shared, differing = partings[problem.prompt]
            rows.append(_Question(voice, problem, shared.last(positions - virtual[voice]), differing))
    return sorted(rows, key=lambda row: (len(row.tokens), virtual[row.owner], row.owner))


def _parting(tokenizer: Any, problem: Problem, choices: tuple[str, str]) -> tuple[TextTokens, list[int]]:
    """The tokens that a prompt has with either choice behind it, and the one of each that comes next."""
    tokens_of(tokenizer, problem)  # refuses one without any
    one, other = encode_texts(tokenizer, [problem.prompt + choice for choice in choices])
    equal = [left == right for left, right in zip(one.ids, other.ids, strict=False)]
    if all(equal):
        raise ConfigError(f"scoring: this model's tokenizer cannot tell {choices[0]!r} from {choices[1]!r}.")
    place = equal.index(False)
    return TextTokens(one.ids[:place], one.front, []), [one.ids[place], other.ids[place]]
