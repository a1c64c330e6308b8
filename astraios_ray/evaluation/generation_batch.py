"""Texts that are written at once, one a row, in one key-value cache: some end, others take their place.

Rows have as many tokens as they have; those that began later are moved to the right, and what stands
before them is masked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import torch
from torch.nn.functional import pad
from transformers import DynamicCache

from astraios_ray.data.text_tokens import TextTokens, encode_texts
from astraios_ray.errors import DataError
from astraios_ray.evaluation.batched_models import BatchedModels
from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.token_sampling import draw, uniforms
from astraios_ray.records import Sampling

ROWS = 64  # texts that are written at once


@dataclass
class GeneratedText:
    """One text that is to follow a prompt."""

    owner: int  # which of the voices writes it
    problem: Problem
    prompt: list[int]
    sample: int = 0
    most: int = 0  # tokens that it may have
    tokens: list[int] = field(default_factory=list)


@dataclass
class _Rows:
    """What is kept of texts; every tensor's first dimension is the texts."""

    cache: Any
    before: torch.Tensor  # places of the cache before each row's first token
    logits: torch.Tensor  # of the next token
    numbers: torch.Tensor  # float64 [texts, tokens], for the draws


class GenerationBatch:
    """Texts that are being written, those of one voice together."""

    def __init__(self, voices: BatchedModels, sampling: Sampling, device: torch.device) -> None:
        self._voices, self._sampling, self._device = voices, sampling, device
        self._positions = positions_of(voices)
        self._rows: _Rows | None = None
        self.texts: list[GeneratedText] = []

    @torch.no_grad()
    def add(self, texts: Sequence[GeneratedText]) -> None:
        """Read the prompts of ``texts``, equally long ones at once, and put them beside the others."""
        for _, equally_long in groupby(sorted(texts, key=self._lengths), self._lengths):
            some = sorted(equally_long, key=_owner)
            rows = self._begun(some)
            self._rows = _joined(self._rows, rows) if self._rows else rows
            self.texts += some
        self._keep(sorted(range(len(self.texts)), key=lambda row: self.texts[row].owner))

    @torch.no_grad()
    def write(self, steps: int) -> None:
        """So many more tokens to every text. What stands beyond a text's end is to be cut off."""
        assert self._rows, "No text was added."
        rows, written = self._rows, list[torch.Tensor]()
        begun = torch.tensor([len(text.tokens) for text in self.texts], device=self._device)
        for step in range(steps):
            number = (begun + step).clamp(max=self._sampling.max_new_tokens - 1)
            drawn = draw(rows.logits, rows.numbers.gather(1, number[:, None])[:, 0], self._sampling)
            written.append(drawn)
            rows.logits = self._read(drawn)
        for text, tokens in zip(self.texts, torch.stack(written, dim=1).tolist(), strict=True):
            text.tokens += tokens

    @torch.no_grad()
    def drop(self, ended: Sequence[int]) -> None:
        """Take the texts of these rows away."""
        gone = set(ended)
        self._keep([row for row in range(len(self.texts)) if row not in gone])

    def _lengths(self, text: GeneratedText) -> tuple[int, int]:
        return len(text.prompt), self._voices.virtual_tokens[text.owner]

    def _begun(self, texts: Sequence[GeneratedText]) -> _Rows:
        """Rows for texts with equally long prompts, sorted by voice. Each prompt is read once."""
        asked = {(text.owner, text.problem.id): text for text in texts}
        prompts: list[list[list[int]]] = [[] for _ in self._voices.virtual_tokens]
        for text in asked.values():
            prompts[text.owner].append(text.prompt)
        given = [torch.tensor(some, dtype=torch.long, device=self._device) for some in prompts]
        output = self._voices.begin(given, DynamicCache())
        places = {name: place for place, name in enumerate(asked)}
        chosen = self._rows_of([places[text.owner, text.problem.id] for text in texts])
        output.past_key_values.batch_select_indices(chosen)
        numbers = [uniforms(text.problem.id, text.sample, self._sampling) for text in texts]
        return _Rows(
            output.past_key_values,
            torch.zeros_like(chosen),
            output.logits[:, -1].index_select(0, chosen),
            torch.stack(numbers).to(self._device),
        )

    def _read(self, tokens: torch.Tensor) -> torch.Tensor:
        """The logits after one more token a row."""
        assert self._rows
        rows, counts = self._rows, [0] * len(self._voices.virtual_tokens)
        for text in self.texts:
            counts[text.owner] += 1
        length = rows.cache.get_seq_length()
        # beyond a text's end nothing is kept, but the model must have the position
        positions = (length - rows.before).clamp(max=self._positions - 1)
        mask = torch.arange(length + 1, device=self._device) >= rows.before[:, None]
        output = self._voices.go_on(
            counts, tokens[:, None], rows.cache, attention_mask=mask.long(), position_ids=positions[:, None]
        )
        rows.cache = output.past_key_values
        logits: torch.Tensor = output.logits[:, -1]
        return logits

    def _keep(self, order: Sequence[int]) -> None:
        """Only these rows, in this order, without places of the cache that no row has."""
        assert self._rows
        self.texts = [self.texts[row] for row in order]
        if not order:
            self._rows = None
            return
        rows, chosen = self._rows, self._rows_of(order)
        before = rows.before[chosen]
        empty = int(before.min())
        rows.cache.batch_select_indices(chosen)
        for layer in rows.cache.layers:
            layer.keys, layer.values = layer.keys[:, :, empty:], layer.values[:, :, empty:]
        self._rows = _Rows(rows.cache, before - empty, rows.logits[chosen], rows.numbers[chosen])

    def _rows_of(self, numbers: Sequence[int]) -> torch.Tensor:
        return torch.tensor(numbers, device=self._device)


def positions_of(voices: BatchedModels) -> int:
    """How many positions the model has."""
    most = getattr(voices.config, "max_position_embeddings", None)
    return most if isinstance(most, int) else 1 << 30


def tokens_of(tokenizer: Any, problem: Problem) -> TextTokens:
    """The tokens of a problem's prompt, as it is. Raises DataError where there is none."""
    (prompt,) = encode_texts(tokenizer, [problem.prompt])
    if not prompt.ids:
        raise DataError(f"problem {problem.id}: a prompt without tokens; the model takes one or more.")
    return prompt


def _owner(text: GeneratedText) -> int:
    return text.owner


def _joined(one: _Rows, other: _Rows) -> _Rows:
    """Both, the shorter moved to the right."""
    lengths = [rows.cache.get_seq_length() for rows in (one, other)]
    wider = [max(lengths) - length for length in lengths]
    for mine, theirs in zip(one.cache.layers, other.cache.layers, strict=True):
        for name in ("keys", "values"):
            pieces = [
                pad(getattr(layer, name), (0, 0, empty, 0))
                for layer, empty in zip((mine, theirs), wider, strict=True)
            ]
            setattr(mine, name, torch.cat(pieces))
    return _Rows(
        one.cache,
        torch.cat([rows.before + empty for rows, empty in zip((one, other), wider, strict=True)]),
        torch.cat([one.logits, other.logits]),
        torch.cat([one.numbers, other.numbers]),
    )
