"""Generate completions: rows of several lengths in one batch, one random stream per text."""

import logging
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any

import torch
from torch import nn

from astraios_ray.data.templates import ASTRAIOS, Template
from astraios_ray.data.text_tokens import TextTokens
from astraios_ray.evaluation.batched_models import BatchedModels, evaluating
from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.generation_batch import ROWS, GeneratedText, GenerationBatch
from astraios_ray.evaluation.postprocess import cut_at_stop
from astraios_ray.evaluation.prompt_tokens import positions_of, prompt_tokens
from astraios_ray.records import Completion, Sampling

_LOG = logging.getLogger(__name__)
_STRIDE = 8  # tokens between two looks for texts that have ended; tokens behind an end are cut off
_FREE = 4  # one in so many rows must be free before new texts start, so that prompts are read together


def generate(
    model: nn.Module,
    tokenizer: Any,
    problems: Sequence[Problem],
    sampling: Sampling,
    stop: Sequence[str],
    device: str | torch.device = "cpu",
    rows_per_batch: int = ROWS,
    template: Template = ASTRAIOS,
) -> Iterator[Completion]:
    """The completions of one model, by ``generate_all``.

    ``model`` is a causal language model on ``device``, or the ``model`` of a TunedModel.
    """
    with evaluating(model) as models:
        for _, completion in generate_all(
            models, tokenizer, [problems], sampling, stop, device, rows_per_batch, template
        ):
            yield completion


def generate_all(
    models: BatchedModels,
    tokenizer: Any,
    problems_by_model: Sequence[Sequence[Problem]],
    sampling: Sampling,
    stop: Sequence[str],
    device: str | torch.device = "cpu",
    rows_per_batch: int = ROWS,
    template: Template = ASTRAIOS,
) -> Iterator[tuple[int, Completion]]:
    """Completions of each model to its problems, each with the index of the model that wrote it.

    A problem has ``sampling.samples`` completions, or one at temperature 0. Prompts are written by
    ``template`` and begin as the rows of training do. A completion ends before the first stop string or end
    of text (that of the tokenizer, of the template's answers, of the model's ``generation_config``), after
    ``max_new_tokens``, or where the model has no more positions. All completions of one model to one problem
    come one after another, as soon as the last of them is written; short prompts start first.

    Rows that end make room for others. No row sees another, and each text has random numbers of its own.
    So a text depends neither on ``rows_per_batch`` nor on the other texts, up to the rounding of matrix
    products of another size, which matters only between almost equally likely tokens.
    When a prompt has more tokens than the model has positions beyond its virtual tokens, its special tokens
    and its end are kept, with room for an answer, and a warning says so: bigcode-evaluation-harness cuts the
    head of a long prompt too. Raises DataError for a prompt without tokens.
    """
    queue = deque(_texts(models, tokenizer, problems_by_model, sampling, template))
    ends = {tokenizer.eos_token_id, *template.stops, *_model_ends(models)}
    batch = GenerationBatch(models, sampling, torch.device(device))
    texts_by_problem = defaultdict[tuple[int, str], list[GeneratedText]](list)
    while queue or batch.texts:
        free = rows_per_batch - len(batch.texts)
        if queue and free * _FREE >= rows_per_batch:
            batch.add([queue.popleft() for _ in range(min(free, len(queue)))])
        batch.write(_STRIDE)
        rows = _finished_rows(tokenizer, batch.texts, stop, ends)
        texts = [batch.texts[row] for row in rows]
        if rows:
            batch.drop(rows)
        for text in texts:
            of_one_problem = texts_by_problem[text.owner, text.problem.id]
            of_one_problem.append(text)
            if len(of_one_problem) == _samples(sampling):
                for sample in sorted(of_one_problem, key=lambda text: text.sample):
                    yield text.owner, _completion(tokenizer, sample, stop, ends)


def _model_ends(models: BatchedModels) -> Sequence[int]:
    """The tokens that end a text by the model's own ``generation_config``: one, several, or none."""
    ends = getattr(models.generation_config, "eos_token_id", None)
    if ends is None:
        return ()
    return ends if isinstance(ends, Sequence) else (int(ends),)


def _texts(
    models: BatchedModels,
    tokenizer: Any,
    problems_by_model: Sequence[Sequence[Problem]],
    sampling: Sampling,
    template: Template,
) -> list[GeneratedText]:
    """All texts to write: short prompts first, texts with the same prompt together."""
    all_problems = [problem for problems in problems_by_model for problem in problems]
    prompts = _encode(tokenizer, all_problems, models, template)
    places = {prompt: place for place, prompt in enumerate(prompts)}
    positions = positions_of(models)
    texts, long = [], dict[str, tuple[str, int]]()
    for owner, (problems, virtual) in enumerate(zip(problems_by_model, models.virtual_tokens, strict=True)):
        for problem in problems:
            prompt, start = prompts[problem.prompt]
            tokens = _shown(prompt, positions - virtual, sampling)
            if len(tokens) < len(prompt.ids):
                long.setdefault(problem.prompt, (f"{problem.id}: {len(prompt.ids)} tokens", len(tokens)))
            before = len(start) or virtual + len(tokens)
            room = positions - before + 1  # the model never reads the last token
            max_tokens = min(sampling.max_new_tokens, max(room, 1))
            texts += [
                GeneratedText(owner, problem, tokens, start, sample, max_tokens)
                for sample in range(_samples(sampling))
            ]
    _warn_of_long(long, len(prompts), positions)
    return sorted(texts, key=lambda text: (len(text.prompt), places[text.problem.prompt], text.owner))


def _samples(sampling: Sampling) -> int:
    return 1 if sampling.temperature == 0 else sampling.samples


def _encode(
    tokenizer: Any, problems: Sequence[Problem], models: BatchedModels, template: Template
) -> dict[str, tuple[TextTokens, list[int]]]:
    """The tokens of every prompt, and those that the decoder of an encoder-decoder begins with."""
    encoded = dict[str, tuple[TextTokens, list[int]]]()
    for problem in problems:
        if problem.prompt not in encoded:
            encoded[problem.prompt] = prompt_tokens(models, tokenizer, problem, template)
    return encoded


def _shown(prompt: TextTokens, positions: int, sampling: Sampling) -> list[int]:
    """The tokens of ``prompt`` that a model with so many positions for it reads: all, or its end."""
    if len(prompt.ids) <= positions:
        return prompt.ids
    return prompt.last(positions - min(sampling.max_new_tokens, positions // 2))


def _warn_of_long(long: Mapping[str, tuple[str, int]], prompts: int, positions: int) -> None:
    """Say how many prompts were cut; ``long`` has the first's tokens, and how many are shown."""
    if long:
        first, shown = next(iter(long.values()))
        _LOG.warning(
            "%d of %d prompts are longer than the model's %d positions; their last %d tokens are shown (%s).",
            *(len(long), prompts, positions, shown, first),
        )


def _finished_rows(
    tokenizer: Any, texts: Sequence[GeneratedText], stop: Sequence[str], ends: set[int]
) -> list[int]:
    """The rows whose texts have ended."""
    decoded = tokenizer.batch_decode([text.tokens for text in texts])
    return [
        row
        for row, text in enumerate(texts)
        if len(text.tokens) >= text.max_tokens
        or not ends.isdisjoint(text.tokens)
        or any(word in decoded[row] for word in stop)
    ]


def _completion(tokenizer: Any, text: GeneratedText, stop: Sequence[str], ends: set[int]) -> Completion:
    tokens = list(takewhile(lambda token: token not in ends, text.tokens[: text.max_tokens]))
    before = text.start or text.prompt
    # decode the answer behind what stands before it, since some tokenizers drop the leading space of a text
    prompt, prompt_and_answer, answer = (
        tokenizer.decode(part, skip_special_tokens=True) for part in (before, [*before, *tokens], tokens)
    )
    continuation = prompt_and_answer[len(prompt) :] if prompt_and_answer.startswith(prompt) else answer
    return Completion(text.problem.id, text.sample, cut_at_stop(continuation, stop))
