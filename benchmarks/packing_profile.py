"""The time of packed training by part, which explains the gain of a shared pass.

For each model and size of ``packed_training.py``: CPU milliseconds of a trial's step in passes and in
clipping and optimiser, in turns and shared; and of the base alone, forward and backward to its embeddings,
with one trial's rows and with as many as share a pass. The last two bound what packing can gain.
"""

import argparse
from collections.abc import Sequence
from statistics import median
from time import process_time
from typing import Any

import torch

from astraios_ray.models.load_base import Base
from astraios_ray.training.pass_packing import CPU_TOKENS, PassPacker
from astraios_ray.training.passes import backward
from astraios_ray.training.runtime import SingleProcess
from astraios_ray.training.trial_trainer import TrialTrainer
from benchmarks.packed_training import MODELS, SIZES, trainers_of


def main() -> None:
    """Measure and print; nothing is written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    print(
        "| model, tokens | passes, in turns | shared | optimiser | base alone | base with others | trials |"
    )
    for name in MODELS:
        for size in SIZES:
            print(_line(name, size, options.rounds), flush=True)


def _line(name: str, size: int, rounds: int) -> str:
    base, (rows, length) = MODELS[name](), SIZES[size]
    trainers, count = trainers_of(base, rows, length), max(1, CPU_TOKENS // size)
    splits_by_budget: dict[int, list[tuple[float, float]]] = {0: [], CPU_TOKENS: []}
    lone, shared = [], []
    for _ in range(rounds + 1):
        for tokens, splits in splits_by_budget.items():
            splits.append(_split(trainers, tokens))
        lone.append(_base_alone(base, rows, length))
        shared.append(_base_alone(base, rows * count, length) / count)
    passes = [median(split[0] for split in splits[1:]) for splits in splits_by_budget.values()]
    optimiser = median(split[1] for splits in splits_by_budget.values() for split in splits[1:])
    figures = [*passes, optimiser, median(lone[1:]), median(shared[1:])]
    return f"| {name}, {size} | {' | '.join(f'{figure:.1f}' for figure in figures)} | {count} |"


def _split(trainers: Sequence[TrialTrainer], tokens: int) -> tuple[float, float]:
    """CPU milliseconds per trial: of the passes, and of clipping and the optimiser."""
    passes = updates = 0.0
    for group in PassPacker(SingleProcess(), tokens).groups(trainers):
        started = process_time()
        losses = backward([trainer.training_parts() for trainer in group])
        between = process_time()
        for trainer, loss in zip(group, losses, strict=True):
            trainer.update(loss)
        passes, updates = passes + between - started, updates + process_time() - between
    return 1000 * passes / len(trainers), 1000 * updates / len(trainers)


def _base_alone(base: Base, rows: int, length: int) -> float:
    model: Any = base.model
    ids = torch.randint(model.config.vocab_size, (rows, length))
    embeddings = model.get_input_embeddings()(ids).detach().requires_grad_()
    started = process_time()
    model(inputs_embeds=embeddings, labels=ids).loss.backward()
    return 1000 * (process_time() - started)


if __name__ == "__main__":
    main()
