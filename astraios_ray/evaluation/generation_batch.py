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

from astraios_ray.data.templates import Template, encode_in, question_of
from astraios_ray.data.text_tokens import TextTokens
from astraios_ray.errors import DataError
from astraios_ray.evaluation.batched_models import BatchedModels
from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.generation_cache import (
    fills_a_cache,
    joined,
    new_cache,
    select_rows,
    tokens_in,
    without_front,
)
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
    sample: int = 0
    max_tokens: int = 0
    tokens: list[int] = field(default_factory=list)


@dataclass
class _Rows:
    """The state of the rows; the first dimension of every tensor is the rows."""

    cache: Any  # None: the models fill none
    padding: torch.Tensor  # masked positions of the cache before each row's first token
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

    def _lengths(self, text: GeneratedText) -> tuple[int, int]:
        return len(text.prompt), self._models.virtual_tokens[text.owner]

    def _prefill(self, texts: Sequence[GeneratedText]) -> _Rows:
        """Rows for texts with equally long prompts, sorted by model. Each prompt is read once."""
        distinct = {(text.owner, text.problem.id): text for text in texts}
        prompts = [(text.owner, text.prompt) for text in distinct.values()]
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
            output.logits[:, -1].index_select(0, index),
            torch.stack(numbers).to(self._device),
        )

    def _begin(self, texts: Sequence[tuple[int, list[int]]], cache: Any) -> Any:
        """The models' output for equally long texts, each with its model, sorted by model."""
        by_owner: list[list[list[int]]] = [[] for _ in self._models.virtual_tokens]
        for owner, token_ids in texts:
            by_owner[owner].append(token_ids)
        inputs = [torch.tensor(ids, dtype=torch.long, device=self._device) for ids in by_owner]
        return self._models.begin(inputs, cache)

    def _read(self, tokens: torch.Tensor) -> torch.Tensor:
        """The logits after one more token a row."""
        assert self._rows
        rows, counts = self._rows, [0] * len(self._models.virtual_tokens)
        for text in self.texts:
            counts[text.owner] += 1
        if tokens_in(rows.cache) >= self._positions:  # the longest text has ended; what it reads is dropped
            without_front(rows.cache, 1)
            rows.padding = (rows.padding - 1).clamp(min=0)
        length = tokens_in(rows.cache)
        # tokens behind a text's end are dropped, but their positions must exist in the model
        positions = (length - rows.padding).clamp(max=self._positions - 1)
        mask = torch.arange(length + 1, device=self._device) >= rows.padding[:, None]
        output = self._models.go_on(
            counts, tokens[:, None], rows.cache, attention_mask=mask.long(), position_ids=positions[:, None]
        )
        rows.cache = output.past_key_values
        logits: torch.Tensor = output.logits[:, -1]
        return logits

    def _read_anew(self, new_tokens: Sequence[torch.Tensor]) -> torch.Tensor:
        """The logits after all tokens of every text, equally long texts at once, without a cache."""
        rows_by_length = defaultdict[tuple[int, int], list[int]](list)
        for row, text in enumerate(self.texts):
            rows_by_length[len(text.prompt) + len(text.tokens), self._lengths(text)[1]].append(row)
        new = torch.stack(list(new_tokens), dim=1).tolist()
        logits = dict[int, torch.Tensor]()
        for (_, virtual), rows in rows_by_length.items():
            texts = [(self.texts[row].owner, self._token_ids(row, new[row], virtual)) for row in rows]
            logits |= zip(rows, self._begin(texts, None).logits[:, -1], strict=True)
        return torch.stack([logits[row] for row in range(len(self.texts))])

    def _token_ids(self, row: int, new: list[int], virtual: int) -> list[int]:
        """All tokens of a text for which the model has positions; those behind a text's end are dropped."""
        text = self.texts[row]
        return [*text.prompt, *text.tokens, *new][: self._positions - virtual]

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
        self._rows = _Rows(rows.cache, padding - empty, rows.logits[index], rows.numbers[index])

    def _rows_of(self, numbers: Sequence[int]) -> torch.Tensor:
        return torch.tensor(numbers, device=self._device)


def positions_of(models: BatchedModels) -> int:
    """The number of positions of the models."""
    config = models.config.get_text_config(decoder=True)
    names = ("max_position_embeddings", "max_seq_len")  # MPT's is the latter
    positions = next((getattr(config, name) for name in names if hasattr(config, name)), None)
    return positions if isinstance(positions, int) else 1 << 30


def tokens_of(tokenizer: Any, problem: Problem, template: Template) -> TextTokens:
    """The tokens of a problem's prompt in ``template``. Raises DataError when there are none."""
    prompt_text = template.asked(question_of(problem.prompt))
    (prompt,) = encode_in(template, tokenizer, [prompt_text])
    if not prompt.ids:
        raise DataError(f"problem {problem.id}: a prompt without tokens; the model takes one or more.")
    return prompt


def _owner(text: GeneratedText) -> int:
    return text.owner


def _joined(first: _Rows, second: _Rows) -> _Rows:
    """The rows of both; the shorter ones are moved to the right."""
    paddings = [0, 0]
    if first.cache is not None:
        lengths = [tokens_in(rows.cache) for rows in (first, second)]
        paddings = [max(lengths) - length for length in lengths]
    return _Rows(
        joined(first.cache, second.cache) if first.cache is not None else None,
        torch.cat([rows.padding + empty for rows, empty in zip((first, second), paddings, strict=True)]),
        torch.cat([first.logits, second.logits]),
        torch.cat([first.numbers, second.numbers]),
    )
