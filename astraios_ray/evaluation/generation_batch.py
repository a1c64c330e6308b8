"""A batch of texts that are generated at once, one per row, in one key-value cache.

When a text ends, another can take its place. Rows have different lengths: a row that began later is moved
to the right, and the positions before it are masked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import torch
from torch.nn.functional import pad
from transformers import DynamicCache

from astraios_ray.data.templates import Template, encode_in, question_of
from astraios_ray.data.text_tokens import TextTokens
from astraios_ray.errors import DataError
from astraios_ray.evaluation.batched_models import BatchedModels
from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.token_sampling import draw, uniforms
from astraios_ray.records import Sampling

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

    cache: Any
    padding: torch.Tensor  # masked positions of the cache before each row's first token
    logits: torch.Tensor  # of the next token
    numbers: torch.Tensor  # float64 [texts, tokens], for the draws


class GenerationBatch:
    """Texts that are being generated; the rows of one model lie together."""

    def __init__(self, models: BatchedModels, sampling: Sampling, device: torch.device) -> None:
        self._models, self._sampling, self._device = models, sampling, device
        self._positions = positions_of(models)
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
            rows.logits = self._read(next_tokens)
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
        prompts: list[list[list[int]]] = [[] for _ in self._models.virtual_tokens]
        for text in distinct.values():
            prompts[text.owner].append(text.prompt)
        inputs = [torch.tensor(token_ids, dtype=torch.long, device=self._device) for token_ids in prompts]
        output = self._models.begin(inputs, DynamicCache())
        places = {name: place for place, name in enumerate(distinct)}
        index = self._rows_of([places[text.owner, text.problem.id] for text in texts])
        output.past_key_values.batch_select_indices(index)
        numbers = [uniforms(text.problem.id, text.sample, self._sampling) for text in texts]
        return _Rows(
            output.past_key_values,
            torch.zeros_like(index),
            output.logits[:, -1].index_select(0, index),
            torch.stack(numbers).to(self._device),
        )

    def _read(self, tokens: torch.Tensor) -> torch.Tensor:
        """The logits after one more token a row."""
        assert self._rows
        rows, counts = self._rows, [0] * len(self._models.virtual_tokens)
        for text in self.texts:
            counts[text.owner] += 1
        length = rows.cache.get_seq_length()
        # tokens behind a text's end are dropped, but their positions must exist in the model
        positions = (length - rows.padding).clamp(max=self._positions - 1)
        mask = torch.arange(length + 1, device=self._device) >= rows.padding[:, None]
        output = self._models.go_on(
            counts, tokens[:, None], rows.cache, attention_mask=mask.long(), position_ids=positions[:, None]
        )
        rows.cache = output.past_key_values
        logits: torch.Tensor = output.logits[:, -1]
        return logits

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
        rows.cache.batch_select_indices(index)
        for layer in rows.cache.layers:
            layer.keys, layer.values = layer.keys[:, :, empty:], layer.values[:, :, empty:]
        self._rows = _Rows(rows.cache, padding - empty, rows.logits[index], rows.numbers[index])

    def _rows_of(self, numbers: Sequence[int]) -> torch.Tensor:
        return torch.tensor(numbers, device=self._device)


def positions_of(models: BatchedModels) -> int:
    """The number of positions of the models."""
    config = models.config.get_text_config(decoder=True)
    positions = getattr(config, "max_position_embeddings", None)
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
    lengths = [rows.cache.get_seq_length() for rows in (first, second)]
    paddings = [max(lengths) - length for length in lengths]
    for first_layer, second_layer in zip(first.cache.layers, second.cache.layers, strict=True):
        for name in ("keys", "values"):
            padded = [
                pad(getattr(layer, name), (0, 0, empty, 0))
                for layer, empty in zip((first_layer, second_layer), paddings, strict=True)
            ]
            setattr(first_layer, name, torch.cat(padded))
    return _Rows(
        first.cache,
        torch.cat([rows.padding + empty for rows, empty in zip((first, second), paddings, strict=True)]),
        torch.cat([first.logits, second.logits]),
        torch.cat([first.numbers, second.numbers]),
    )
