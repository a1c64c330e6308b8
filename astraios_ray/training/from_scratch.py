"""Pre-training an embedded model: a trainer with the method ``full``, on the corpus."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import nn

from astraios_ray.data.packed_rows import pack_in_memory
from astraios_ray.data.packing import IGNORED, Sample, pack_rows
from astraios_ray.data.seq2seq import widths_of
from astraios_ray.data.text_tokens import encode_texts
from astraios_ray.data.tokenise import Blocks
from astraios_ray.embedded.corpus import documents
from astraios_ray.encoder_decoder import is_encoder_decoder
from astraios_ray.models.load_base import Base
from astraios_ray.models.nano import POSITIONS, nano_tokenizer, random_model
from astraios_ray.models.target_modules import find_target_modules
from astraios_ray.records import DataRef, ModelRef, Recipe, TrialSpec
from astraios_ray.training.trial_trainer import TrialTrainer

Progress = Callable[[float, str], None]  # the completed fraction from 0 to 1, and a text
LENGTH = 48  # tokens of a row: one document fits
VALIDATION = 96  # documents
GAPS_SEED, LOST, GAP = 20240106, 0.15, 12
PROGRESS_EVERY = 10  # steps between two calls of Progress


class RandomPositions(nn.Module):
    """A model that, in training, gets each row at a random position, so that it learns every position.

    Rows of one short document each teach copying within a minute on two cores; longer rows do not.
    """

    def __init__(self, model: nn.Module, farthest: int) -> None:
        super().__init__()
        self.model, self.farthest = model, farthest

    def forward(self, input_ids: torch.Tensor, **arguments: Any) -> Any:
        """The output of ``model``; ``input_ids`` are int64 [rows, tokens]."""
        rows, tokens = input_ids.shape
        farthest = self.farthest if self.training else 0
        starts = torch.randint(0, farthest + 1, (rows, 1))
        return self.model(input_ids, position_ids=starts + torch.arange(tokens), **arguments)


def train_from_scratch(name: str, recipe: Recipe, progress: Progress) -> tuple[nn.Module, Any, float]:
    """A new embedded model, its tokenizer, and its validation loss in nats per token."""
    tokenizer, count = nano_tokenizer(), recipe.max_steps * recipe.batch_size
    model: Any = random_model(name, seed=0)
    if is_encoder_decoder(model):
        blocks, trained = _pairs(tokenizer, count), model
    else:
        blocks, trained = _corpus(tokenizer, count), RandomPositions(model, POSITIONS - LENGTH)
    base = Base(
        trained, tokenizer, find_target_modules(model, None), ModelRef(f"builtin:{name}"), "untrained"
    )
    trainer = TrialTrainer(base, blocks, _spec(name, recipe))
    while trainer.step_count < recipe.max_steps:
        loss = trainer.step()
        if trainer.step_count % PROGRESS_EVERY == 0:
            position = f"step {trainer.step_count} of {recipe.max_steps}, loss {loss:.2f}"
            progress(trainer.step_count / recipe.max_steps, f"pre-training {name}: {position}")
    tuned: Any = trainer.tuned.model
    loss = trainer.validate()
    return tuned.model if isinstance(tuned, RandomPositions) else tuned, tokenizer, loss


def _spec(name: str, recipe: Recipe) -> TrialSpec:
    data = DataRef("builtin:corpus", sequence_length=LENGTH, packing="rows")
    return TrialSpec("pretraining", 0, "full", {}, recipe, ModelRef(f"builtin:{name}"), data)


def _corpus(tokenizer: Any, count: int) -> Blocks:
    """``count`` training documents and VALIDATION others, one document per row."""
    samples = [Sample(ids, ids, 0) for ids in _documents(tokenizer, count + VALIDATION)]
    return _blocks(samples, count, LENGTH, tokenizer)


def _pairs(tokenizer: Any, count: int) -> Blocks:
    """The same documents as pairs: the encoder reads one with gaps, the decoder writes it without.

    The idea is BART's (Lewis et al. 2019, arXiv 1910.13461). It teaches copying from the encoder soon.
    """
    draws = random.Random(GAPS_SEED)
    pairs = [(_with_gaps(ids, draws), ids) for ids in _documents(tokenizer, count + VALIDATION)]
    samples = [Sample(seen + ids, [IGNORED] * len(seen) + ids, 0) for seen, ids in pairs]
    return replace(_blocks(samples, count, 2 * LENGTH, tokenizer), widths=widths_of(samples))


def _with_gaps(ids: list[int], draws: random.Random) -> list[int]:
    """A document without its end, without the share LOST of its tokens, and without up to GAP in a row."""
    seen = [token for token in ids[:-1] if draws.random() >= LOST]
    start = draws.randrange(len(seen) + 1)
    return seen[:start] + seen[start + draws.randrange(GAP + 1) :] or ids[:1]


def _documents(tokenizer: Any, count: int) -> list[list[int]]:
    """The tokens of documents with their ends."""
    encoded = encode_texts(tokenizer, list(documents(count)))
    return [[*text.ids, tokenizer.eos_token_id] for text in encoded]


def _blocks(samples: Sequence[Sample], count: int, length: int, tokenizer: Any) -> Blocks:
    end = tokenizer.eos_token_id
    train, validation = (
        pack_in_memory(part, partial(pack_rows, length=length), length, end)
        for part in (samples[:count], samples[count:])
    )
    return Blocks(train, validation)
