"""Let a model write completions: batches without padding, a key-value cache, one random stream per text."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import torch
from torch import nn

from astraios_ray.errors import DataError
from astraios_ray.evaluation.drawing import draw, uniforms
from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.postprocess import cut_at_stop
from astraios_ray.records import Completion, Sampling

_LOG = logging.getLogger(__name__)
_STRIDE = 8  # tokens between two looks at what can be dropped; what is written beyond an end is cut off


@dataclass
class _Text:
    """One text being written."""

    problem: Problem
    prompt: list[int]
    sample: int
    tokens: list[int] = field(default_factory=list)


def generate(
    model: nn.Module,
    tokenizer: Any,
    problems: Sequence[Problem],
    sampling: Sampling,
    stop: Sequence[str],
    device: str | torch.device = "cpu",
    rows_per_batch: int = 64,
) -> Iterator[Completion]:
    """``sampling.samples`` completions of each problem; one at temperature 0.

    ``model`` is a causal language model on ``device`` or a method's ``Tuned.model``, called like one.
    Prompts are tokenised as they are. A completion ends before the first stop string or end-of-text
    token, after ``max_new_tokens``, or where the model has no more positions. All completions of one
    problem come one after another; problems with short prompts come first.

    A batch holds prompts of exactly equal length, so that nothing is padded and no row sees another. The
    random numbers of a text are its own. So a text does not depend on ``rows_per_batch``, up to the
    rounding of matrix products of another size, which matters only between almost equally likely tokens.
    Of a prompt with more tokens than the model has positions the end is kept, with room for an answer, and
    a warning says so: bigcode-evaluation-harness, too, cuts a long prompt's head off. Raises DataError for
    a prompt without tokens.
    """
    prompts = _encode(tokenizer, problems, model, sampling)
    prompts.sort(key=lambda prompt: len(prompt[1]))
    samples = 1 if sampling.temperature == 0 else sampling.samples
    for _, group in groupby(prompts, key=lambda prompt: len(prompt[1])):
        equally_long = list(group)
        at_once = max(1, rows_per_batch // samples)
        for start in range(0, len(equally_long), at_once):
            chosen = equally_long[start : start + at_once]
            for first in range(0, samples, rows_per_batch):
                numbers = range(first, min(samples, first + rows_per_batch))
                texts = [_Text(problem, prompt, n) for problem, prompt in chosen for n in numbers]
                _write(model, tokenizer, texts, len(numbers), sampling, stop, torch.device(device))
                yield from (_completion(tokenizer, text, stop) for text in texts)


def _encode(
    tokenizer: Any, problems: Sequence[Problem], model: nn.Module, sampling: Sampling
) -> list[tuple[Problem, list[int]]]:
    positions = _positions(model)
    room = positions - min(sampling.max_new_tokens, positions // 2)
    encoded, long = list[tuple[Problem, list[int]]](), list[str]()
    for problem in problems:
        tokens: list[int] = tokenizer(problem.prompt, add_special_tokens=False)["input_ids"]
        if not tokens:
            raise DataError(f"problem {problem.id}: a prompt without tokens; the model takes one or more.")
        if len(tokens) > positions:
            long.append(f"{problem.id}: {len(tokens)} tokens")
            tokens = tokens[-room:]
        encoded.append((problem, tokens))
    if long:
        _LOG.warning(
            "%d of %d prompts are longer than the model's %d positions; their last %d tokens are shown (%s).",
            *(len(long), len(problems), positions, room, long[0]),
        )
    return encoded


def _positions(model: nn.Module) -> int:
    most = getattr(model.config, "max_position_embeddings", None)
    return most if isinstance(most, int) else 1 << 30


@torch.no_grad()
def _write(
    model: nn.Module,
    tokenizer: Any,
    texts: Sequence[_Text],
    samples: int,
    sampling: Sampling,
    stop: Sequence[str],
    device: torch.device,
) -> None:
    """Fill in the tokens of ``texts``: ``samples`` in a row have the same prompt."""
    numbers = torch.stack([uniforms(text.problem.id, text.sample, sampling) for text in texts]).to(device)
    with _evaluating(model):
        prompts = torch.tensor([text.prompt for text in texts[::samples]], device=device)
        output = model(input_ids=prompts, use_cache=True)
        cache, logits = output.past_key_values, output.logits[:, -1].repeat_interleave(samples, dim=0)
        if samples > 1:
            cache.batch_repeat_interleave(samples)
        room = _positions(model) - cache.get_seq_length() + 1  # the last token is written and not read
        steps, active = min(sampling.max_new_tokens, room), list(texts)
        written: list[torch.Tensor] = []
        for step in range(steps):
            written.append(draw(logits, numbers[:, step], sampling))
            if len(written) == _STRIDE or step == steps - 1:
                keep = _file(tokenizer, active, torch.stack(written, dim=1).tolist(), stop)
                if not keep or step == steps - 1:
                    return
                if len(keep) < len(active):
                    rows = torch.tensor(keep, device=device)
                    cache.batch_select_indices(rows)
                    numbers, written = numbers[rows], [written[-1][rows]]
                    active = [active[row] for row in keep]
                last, written = written[-1], []
            else:
                last = written[-1]
            output = model(input_ids=last[:, None], past_key_values=cache, use_cache=True)
            cache, logits = output.past_key_values, output.logits[:, -1]


def _file(
    tokenizer: Any, active: Sequence[_Text], new: Sequence[list[int]], stop: Sequence[str]
) -> list[int]:
    """Append new tokens to the texts. Returns the rows of those that have not come to their end."""
    for text, tokens in zip(active, new, strict=True):
        text.tokens += tokens
    said = tokenizer.batch_decode([text.tokens for text in active])
    return [
        row
        for row, text in enumerate(active)
        if tokenizer.eos_token_id not in text.tokens and not any(word in said[row] for word in stop)
    ]


def _completion(tokenizer: Any, text: _Text, stop: Sequence[str]) -> Completion:
    tokens = text.tokens
    if tokenizer.eos_token_id in tokens:
        tokens = tokens[: tokens.index(tokenizer.eos_token_id)]
    # decoded after its prompt, since some tokenizers drop the leading space of a text
    prompt, whole, alone = (
        tokenizer.decode(part, skip_special_tokens=True)
        for part in (text.prompt, [*text.prompt, *tokens], tokens)
    )
    said = whole[len(prompt) :] if whole.startswith(prompt) else alone
    return Completion(text.problem.id, text.sample, cut_at_stop(said, stop))


@contextmanager
def _evaluating(model: nn.Module) -> Iterator[None]:
    """Dropout off inside; afterwards every module is in the mode it was in."""
    training = [module for module in model.modules() if module.training]
    for module in training:
        module.training = False
    try:
        yield
    finally:
        for module in training:
            module.training = True
