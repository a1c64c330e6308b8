"""A batch of texts that are generated at once, one per row, in one cache.

When a text ends, another can take its place. Rows have different lengths: a row that began later is moved
to the right, and the positions before it are masked. A model that fills no cache of which rows can be moved
reads every text again for each of its tokens.
"""

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import torch

from astraios_ray.evaluation.batched_models import BatchedModels
from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.generation_cache import (
    fills_a_cache,
    joined,
    new_cache,
    prompts_in,
    select_rows,
    tokens_in,
    without_front,
)
from astraios_ray.evaluation.prompt_tokens import batches_of, positions_of
from astraios_ray.evaluation.token_sampling import draw, uniforms
from astraios_ray.records import Sampling

_LOG = logging.getLogger(__name__)
ROWS = 64  # texts in one batch


@dataclass
class GeneratedText:
    """One text that follows a prompt."""

    owner: int  # index of the model that writes it
    problem: Problem
    prompt: list[int]
    start: list[int] = field(default_factory=list)  # that the decoder of an encoder-decoder begins with
    sample: int = 0
    max_tokens: int = 0
    tokens: list[int] = field(default_factory=list)


@dataclass
class _Rows:
    """The state of the rows; the first dimension of every tensor is the rows."""

    cache: Any  # None: the models fill none
    padding: torch.Tensor  # masked positions of the cache before each row's first token
    prompt_padding: torch.Tensor  # and before its prompt, where an encoder has read it
    logits: torch.Tensor  # of the next token
    numbers: torch.Tensor  # float64 [texts, tokens], for the draws


class GenerationBatch:
    """Texts that are being generated; the rows of one model lie together."""

    def __init__(self, models: BatchedModels, sampling: Sampling, device: torch.device) -> None:
        self._models, self._sampling, self._device = models, sampling, device
        self._positions = positions_of(models)
        self._caches = fills_a_cache(models, device)
        if not self._caches:
            name = getattr(models.config, "model_type", "this model")
            _LOG.warning(
                "%s keeps no cache that several texts can share: each text is read anew for each token.",
                name,
            )
        self._rows: _Rows | None = None
        self.texts: list[GeneratedText] = []

    @torch.no_grad()
    def add(self, texts: Sequence[GeneratedText]) -> None:
        """Read the prompts of ``texts``, equally long ones at once, and add them as rows."""
        for _, equally_long in groupby(sorted(texts, key=self._lengths), self._lengths):
            group = sorted(equally_long, key=_owner)
            rows = self._prefill(group)
            self._rows = _joined(self._rows, rows) if self._rows else rows
            self.texts += group
        self._keep(sorted(range(len(self.texts)), key=lambda row: self.texts[row].owner))

    @torch.no_grad()
    def write(self, steps: int) -> None:
        """Add ``steps`` tokens to every text. The caller cuts off tokens behind a text's end."""
        assert self._rows, "No text was added."
        rows, new_tokens = self._rows, list[torch.Tensor]()
        counts = torch.tensor([len(text.tokens) for text in self.texts], device=self._device)
        for step in range(steps):
            number = (counts + step).clamp(max=self._sampling.max_new_tokens - 1)
            next_tokens = draw(rows.logits, rows.numbers.gather(1, number[:, None])[:, 0], self._sampling)
            new_tokens.append(next_tokens)
            rows.logits = self._read(next_tokens) if self._caches else self._read_anew(new_tokens)
        for text, tokens in zip(self.texts, torch.stack(new_tokens, dim=1).tolist(), strict=True):
            text.tokens += tokens

    @torch.no_grad()
    def drop(self, rows: Sequence[int]) -> None:
        """Remove the texts of these rows."""
        dropped = set(rows)
        self._keep([row for row in range(len(self.texts)) if row not in dropped])

    def _lengths(self, text: GeneratedText) -> tuple[int, int, int]:
        return len(text.prompt), len(text.start), self._models.virtual_tokens[text.owner]

    def _prefill(self, texts: Sequence[GeneratedText]) -> _Rows:
        """Rows for texts with equally long prompts, sorted by model. Each prompt is read once."""
        distinct = {(text.owner, text.problem.id): text for text in texts}
        prompts = [(text.owner, text.prompt, text.start) for text in distinct.values()]
        output = self._begin(prompts, new_cache(self._models) if self._caches else None)
        places = {name: place for place, name in enumerate(distinct)}
        index = self._rows_of([places[text.owner, text.problem.id] for text in texts])
        cache = output.past_key_values if self._caches else None
        if cache is not None:
            select_rows(cache, index)
        numbers = [uniforms(text.problem.id, text.sample, self._sampling) for text in texts]
        return _Rows(
            cache,
            torch.zeros_like(index),
            torch.zeros_like(index),
            output.logits[:, -1].index_select(0, index),
            torch.stack(numbers).to(self._device),
        )

    def _begin(self, texts: Sequence[tuple[int, list[int], list[int]]], cache: Any) -> Any:
        """The models' output for equally long texts, each with its model, sorted by model."""
        return self._models.begin(batches_of(texts, self._models, self._device), cache)

    def _read(self, tokens: torch.Tensor) -> torch.Tensor:
        """The logits after one more token a row."""
        assert self._rows
        rows, counts = self._rows, [0] * len(self._models.virtual_tokens)
        for text in self.texts:
            counts[text.owner] += 1
        if tokens_in(rows.cache) >= self._positions:  # the longest text has ended; what it reads is dropped
            without_front(rows.cache, 1)
            rows.padding = (rows.padding - 1).clamp(min=0)
        output = self._models.go_on(counts, rows.cache, **self._arguments(rows, tokens[:, None]))
        rows.cache = output.past_key_values
        logits: torch.Tensor = output.logits[:, -1]
        return logits

    def _arguments(self, rows: _Rows, tokens: torch.Tensor) -> dict[str, Any]:
        """The next tokens [rows, 1], and where they stand."""
        length = tokens_in(rows.cache)
        mask = _real(length + 1, rows.padding)
        prompts = prompts_in(rows.cache)
        if prompts is None:
            # tokens behind a text's end are dropped, but their positions must exist in the model
            positions = (length - rows.padding).clamp(max=self._positions - 1)
            return {"input_ids": tokens, "attention_mask": mask, "position_ids": positions[:, None]}
        keys: torch.Tensor = prompts.layers[
            0
        ].keys  # the encoder's output is in them; its shape alone is read
        return {
            "decoder_input_ids": tokens,
            "decoder_attention_mask": mask,
            "encoder_outputs": (keys[:, 0],),
            "attention_mask": _real(keys.shape[2], rows.prompt_padding),
        }

    def _read_anew(self, new_tokens: Sequence[torch.Tensor]) -> torch.Tensor:
        """The logits after all tokens of every text, equally long texts at once, without a cache."""
        rows_by_length = defaultdict[tuple[int, ...], list[int]](list)
        for row, text in enumerate(self.texts):
            prompt, start, virtual = self._lengths(text)
            lengths = (prompt, start + len(text.tokens)) if start else (prompt + len(text.tokens), 0)
            rows_by_length[*lengths, virtual].append(row)
        new = torch.stack(list(new_tokens), dim=1).tolist()
        logits = dict[int, torch.Tensor]()
        for (*_, virtual), rows in rows_by_length.items():
            texts = [(self.texts[row].owner, *self._so_far(row, new[row], virtual)) for row in rows]
            logits |= zip(rows, self._begin(texts, None).logits[:, -1], strict=True)
        return torch.stack([logits[row] for row in range(len(self.texts))])

    def _so_far(self, row: int, new: list[int], virtual: int) -> tuple[list[int], list[int]]:
        """All tokens of a text for which the model has positions; those behind a text's end are dropped."""
        text = self.texts[row]
        if text.start:
            return text.prompt, [*text.start, *text.tokens, *new][: self._positions]
        return [*text.prompt, *text.tokens, *new][: self._positions - virtual], []

    def _keep(self, order: Sequence[int]) -> None:
        """Keep only these rows, in this order, and drop positions of the cache that no row uses."""
        assert self._rows
        self.texts = [self.texts[row] for row in order]
        if not order:
            self._rows = None
            return
        rows, index = self._rows, self._rows_of(order)
        padding = rows.padding[index]
        empty = int(padding.min())
        if rows.cache is not None:
            select_rows(rows.cache, index)
            without_front(rows.cache, empty)
        prompt_padding = rows.prompt_padding[index]
        if (prompts := prompts_in(rows.cache)) is not None:
            unread = int(prompt_padding.min())
            without_front(prompts, unread)
            prompt_padding = prompt_padding - unread
        self._rows = _Rows(
            rows.cache, padding - empty, prompt_padding, rows.logits[index], rows.numbers[index]
        )

    def _rows_of(self, numbers: Sequence[int]) -> torch.Tensor:
        return torch.tensor(numbers, device=self._device)


def _real(length: int, padding: torch.Tensor) -> torch.Tensor:
    """The mask [rows, length] of positions that are no padding."""
    return (torch.arange(length, device=padding.device) >= padding[:, None]).long()


def _owner(text: GeneratedText) -> int:
    return text.owner


def _joined(first: _Rows, second: _Rows) -> _Rows:
    """The rows of both; the shorter ones are moved to the right."""
    paddings, prompt_paddings = [0, 0], [0, 0]
    if first.cache is not None:
        paddings = _missing([tokens_in(rows.cache) for rows in (first, second)])
    prompts = [prompts_in(rows.cache) for rows in (first, second)]
    if all(prompts):
        prompt_paddings = _missing([tokens_in(cache) for cache in prompts])
    return _Rows(
        joined(first.cache, second.cache) if first.cache is not None else None,
        _moved((first.padding, second.padding), paddings),
        _moved((first.prompt_padding, second.prompt_padding), prompt_paddings),
        torch.cat([first.logits, second.logits]),
        torch.cat([first.numbers, second.numbers]),
    )


def _missing(lengths: Sequence[int]) -> list[int]:
    """By how much each length is less than the largest."""
    return [max(lengths) - length for length in lengths]


def _moved(paddings: Sequence[torch.Tensor], by: Sequence[int]) -> torch.Tensor:
    return torch.cat([padding + count for padding, count in zip(paddings, by, strict=True)])
