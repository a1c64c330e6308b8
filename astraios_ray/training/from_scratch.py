"""Pre-training an embedded model: a trainer with the method ``full``, on the corpus."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import nn

from astraios_ray.data.packed_rows import pack_in_memory
from astraios_ray.data.packing import Sample, pack_rows
from astraios_ray.data.text_tokens import encode_texts
from astraios_ray.data.tokenise import Blocks
from astraios_ray.embedded.corpus import documents
from astraios_ray.models.load_base import Base
from astraios_ray.models.nano import POSITIONS, nano_tokenizer, random_model
from astraios_ray.models.target_modules import PINNED
from astraios_ray.records import DataRef, ModelRef, Recipe, TrialSpec
from astraios_ray.training.trial_trainer import TrialTrainer

Progress = Callable[[float, str], None]  # the completed fraction from 0 to 1, and a text
LENGTH = 48  # tokens of a row: one document fits
VALIDATION = 96  # documents
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
    tokenizer = nano_tokenizer()
    model = random_model(name, seed=0)
    blocks = _corpus(tokenizer, recipe.max_steps * recipe.batch_size)
    trainer = TrialTrainer(
        _base(name, RandomPositions(model, POSITIONS - LENGTH), tokenizer), blocks, _spec(name, recipe)
    )
    while trainer.step_count < recipe.max_steps:
        loss = trainer.step()
        if trainer.step_count % PROGRESS_EVERY == 0:
            position = f"step {trainer.step_count} of {recipe.max_steps}, loss {loss:.2f}"
            progress(trainer.step_count / recipe.max_steps, f"pre-training {name}: {position}")
    shifted: Any = trainer.tuned.model
    return shifted.model, tokenizer, trainer.validate()


def _base(name: str, model: nn.Module, tokenizer: Any) -> Base:
    return Base(model, tokenizer, PINNED["GPTBigCode"], ModelRef(f"builtin:{name}"), "untrained")


def _spec(name: str, recipe: Recipe) -> TrialSpec:
    data = DataRef("builtin:corpus", sequence_length=LENGTH, packing="rows")
    return TrialSpec("pretraining", 0, "full", {}, recipe, ModelRef(f"builtin:{name}"), data)


def _corpus(tokenizer: Any, count: int) -> Blocks:
    """``count`` training documents and VALIDATION others, one document per row."""
    end = tokenizer.eos_token_id
    texts = list(documents(count + VALIDATION))
    samples = [Sample([*text.ids, end], [*text.ids, end], 0) for text in encode_texts(tokenizer, texts)]
    train, validation = (
        pack_in_memory(part, partial(pack_rows, length=LENGTH), LENGTH, end)
        for part in (samples[:count], samples[count:])
    )
    return Blocks(train, validation)
