"""Answer by the likelier of two texts, without writing: one forward pass per problem."""

from collections.abc import Iterator, Sequence
from itertools import groupby, takewhile
from typing import Any

import torch
from torch import nn
from transformers import DynamicCache

from astraios_ray.errors import ConfigError
from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.page import ROWS, Text, positions_of, tokens_of
from astraios_ray.evaluation.voices import Voices, evaluating
from astraios_ray.records import Completion


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
    voices: Voices,
    tokenizer: Any,
    asked: Sequence[Sequence[Problem]],
    choices: tuple[str, str],
    device: str | torch.device = "cpu",
    rows_per_batch: int = ROWS,
) -> Iterator[tuple[int, Completion]]:
    """Of each problem ``asked`` of each of ``voices`` the choice that is likelier to follow its prompt, with
    the place of who was asked; the first where both are as likely.

    Choices are compared at the first token in which they differ, after the tokens that they share: what
    follows that token says nothing of which was meant, and would make the longer one less likely. Of a
    prompt with more tokens than the model has positions the end is kept. Raises ConfigError where a
    tokenizer makes one choice the beginning of the other, DataError for a prompt without tokens.
    """
    shared, differing = _parting(tokenizer, choices)
    room, virtual = positions_of(voices) - len(shared), voices.virtual_tokens
    rows = [
        Text(voice, problem, tokens_of(tokenizer, problem)[virtual[voice] - room :] + shared)
        for voice, problems in enumerate(asked)
        for problem in problems
    ]
    rows.sort(key=lambda row: (len(row.prompt), virtual[row.owner], row.owner))
    for _, group in groupby(rows, key=lambda row: (len(row.prompt), virtual[row.owner])):
        alike = list(group)
        for start in range(0, len(alike), rows_per_batch):
            some = alike[start : start + rows_per_batch]
            prompts: list[list[list[int]]] = [[] for _ in asked]
            for row in some:
                prompts[row.owner].append(row.prompt)
            given = [torch.tensor(mine, dtype=torch.long, device=device) for mine in prompts]
            logits = voices.begin(given, DynamicCache()).logits[:, -1, differing]
            for row, place in zip(some, logits.argmax(dim=1).tolist(), strict=True):
                yield row.owner, Completion(row.problem.id, 0, choices[place])


def _parting(tokenizer: Any, choices: tuple[str, str]) -> tuple[list[int], list[int]]:
    """The tokens that both choices begin with, and the one of each that comes next."""
    one, other = (tokenizer(text, add_special_tokens=False)["input_ids"] for text in choices)
    shared = [token for token, _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))]
    if len(shared) in (len(one), len(other)):
        raise ConfigError(f"scoring: this model's tokenizer cannot tell {choices[0]!r} from {choices[1]!r}.")
    return shared, [one[len(shared)], other[len(shared)]]
