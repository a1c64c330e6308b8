"""Let models write completions: rows of several lengths in one batch, one random stream per text."""

import logging
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import nn

from astraios_ray.evaluation.batched_models import BatchedModels, evaluating
from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.generation_batch import (
    ROWS,
    GeneratedText,
    GenerationBatch,
    positions_of,
    tokens_of,
)
from astraios_ray.evaluation.postprocess import cut_at_stop
from astraios_ray.records import Completion, Sampling

_LOG = logging.getLogger(__name__)
_STRIDE = 8  # tokens between two looks at what has ended; what is written beyond an end is cut off
_FREE = 4  # the fraction of the rows that is free before others are begun: prompts are read together, too


def generate(
    model: nn.Module,
    tokenizer: Any,
    problems: Sequence[Problem],
    sampling: Sampling,
    stop: Sequence[str],
    device: str | torch.device = "cpu",
    rows_per_batch: int = ROWS,
) -> Iterator[Completion]:
    """What one model writes, by ``generate_all``.

    ``model`` is a causal language model on ``device`` or a method's ``TunedModel.model``, called like one.
    """
    with evaluating(model) as alone:
        for _, completion in generate_all(
            alone, tokenizer, [problems], sampling, stop, device, rows_per_batch
        ):
            yield completion


def generate_all(
    voices: BatchedModels,
    tokenizer: Any,
    asked: Sequence[Sequence[Problem]],
    sampling: Sampling,
    stop: Sequence[str],
    device: str | torch.device = "cpu",
    rows_per_batch: int = ROWS,
) -> Iterator[tuple[int, Completion]]:
    """``sampling.samples`` completions of each problem ``asked`` of each of ``voices``; one at temperature 0.

    With every completion comes the place of who wrote it. Prompts are tokenised as they are and begin as the
    rows of training do. A completion ends before the first stop string or end-of-text token, after
    ``max_new_tokens``, or where the model has no more positions. All completions of one voice to one problem
    come one after another, as soon as the last of them is written; short prompts are begun first.

    Rows that end make room for others. No row sees another, and the random numbers of a text are its own.
    So a text depends neither on ``rows_per_batch`` nor on who else writes, up to the rounding of matrix
    products of another size, which matters only between almost equally likely tokens.
    Of a prompt with more tokens than the model has positions the end is kept behind its special tokens, with
    room for an answer, and a warning says so: bigcode-evaluation-harness, too, cuts a long prompt's head off.
    Raises DataError for a prompt without tokens.
    """
    waiting = deque(_texts(voices, tokenizer, asked, sampling))
    page, ended = (
        GenerationBatch(voices, sampling, torch.device(device)),
        defaultdict[tuple[int, str], list[GeneratedText]](list),
    )
    while waiting or page.texts:
        free = rows_per_batch - len(page.texts)
        if waiting and free * _FREE >= rows_per_batch:
            page.add([waiting.popleft() for _ in range(min(free, len(waiting)))])
        page.write(_STRIDE)
        rows = _ended(tokenizer, page.texts, stop)
        texts = [page.texts[row] for row in rows]
        if rows:
            page.drop(rows)
        for text in texts:
            of_one_problem = ended[text.owner, text.problem.id]
            of_one_problem.append(text)
            if len(of_one_problem) == _samples(sampling):
                for each in sorted(of_one_problem, key=lambda text: text.sample):
                    yield text.owner, _completion(tokenizer, each, stop)


def _texts(
    voices: BatchedModels, tokenizer: Any, asked: Sequence[Sequence[Problem]], sampling: Sampling
) -> list[GeneratedText]:
    """All that are to be written, those with short prompts first, those with the same prompt together."""
    prompts = _encode(tokenizer, [problem for some in asked for problem in some], voices, sampling)
    places = {prompt: place for place, prompt in enumerate(prompts)}
    virtual, positions = voices.virtual_tokens, positions_of(voices)
    texts = []
    for owner, problems in enumerate(asked):
        for problem in problems:
            prompt = prompts[problem.prompt]
            room = positions - virtual[owner] - len(prompt) + 1  # the last token is written and not read
            most = min(sampling.max_new_tokens, max(room, 1))
            texts += [
                GeneratedText(owner, problem, prompt, sample, most) for sample in range(_samples(sampling))
            ]
    return sorted(texts, key=lambda text: (len(text.prompt), places[text.problem.prompt], text.owner))


def _samples(sampling: Sampling) -> int:
    return 1 if sampling.temperature == 0 else sampling.samples


def _encode(
    tokenizer: Any, problems: Sequence[Problem], voices: BatchedModels, sampling: Sampling
) -> dict[str, list[int]]:
    """The tokens of every prompt."""
    positions = positions_of(voices)
    room = positions - min(sampling.max_new_tokens, positions // 2)
    encoded, long = dict[str, list[int]](), list[str]()
    for problem in problems:
        if problem.prompt in encoded:
            continue
        prompt = tokens_of(tokenizer, problem)
        if (count := len(prompt.ids)) > positions:
            long.append(f"{problem.id}: {count} tokens")
        encoded[problem.prompt] = prompt.last(room) if count > positions else prompt.ids
    if long:
        _LOG.warning(
            "%d of %d prompts are longer than the model's %d positions; their last %d tokens are shown (%s).",
            *(len(long), len(encoded), positions, room, long[0]),
        )
    return encoded


def _ended(tokenizer: Any, texts: Sequence[GeneratedText], stop: Sequence[str]) -> list[int]:
    """The rows of the texts that have come to their end."""
    said = tokenizer.batch_decode([text.tokens for text in texts])
    return [
        row
        for row, text in enumerate(texts)
        if len(text.tokens) >= text.most
        or tokenizer.eos_token_id in text.tokens
        or any(word in said[row] for word in stop)
    ]


def _completion(tokenizer: Any, text: GeneratedText, stop: Sequence[str]) -> Completion:
    tokens = text.tokens[: text.most]
    if tokenizer.eos_token_id in tokens:
        tokens = tokens[: tokens.index(tokenizer.eos_token_id)]
    # decoded after its prompt, since some tokenizers drop the leading space of a text
    prompt, whole, alone = (
        tokenizer.decode(part, skip_special_tokens=True)
        for part in (text.prompt, [*text.prompt, *tokens], tokens)
    )
    said = whole[len(prompt) :] if whole.startswith(prompt) else alone
    return Completion(text.problem.id, text.sample, cut_at_stop(said, stop))
