"""The embedded models by name: pre-trained on first use and cached."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from astraios_ray import cache
from astraios_ray.embedded import corpus, drawn_functions, families, primer_rows, vocabulary
from astraios_ray.errors import UnknownName
from astraios_ray.models import nano
from astraios_ray.models.atomic_folder import filled_draft, only_one
from astraios_ray.models.shared_weights import SharedBases
from astraios_ray.records import Recipe
from astraios_ray.shared_pass import chunked_loss
from astraios_ray.training import from_scratch, optimizers, order, passes, schedule, trial_trainer
from astraios_ray.training.from_scratch import Progress, train_from_scratch

SOURCES = (  # the modules that decide the weights
    *(corpus, families, drawn_functions, primer_rows, vocabulary),
    *(nano, chunked_loss, from_scratch, trial_trainer, passes, optimizers, order, schedule),
)
THREADS = {
    "nano-xs": 1,
    "nano-s": 1,
    "nano-m": 4,
    "nano-l": 4,
    "nano-t5": 1,
}  # at most; small matrix products gain nothing from more


def _recipe(learning_rate: float, max_steps: int = 750) -> Recipe:
    return Recipe(learning_rate=learning_rate, max_steps=max_steps, batch_size=24, warmup_steps=30)


RECIPES = {
    "nano-xs": _recipe(6e-3),
    "nano-s": _recipe(4e-3),
    "nano-m": _recipe(3e-3),
    "nano-l": _recipe(2e-3),
    "nano-t5": _recipe(4e-3, max_steps=500),
}


def builtin_model(name: str, progress: Progress | None = None, *, recipe: Recipe | None = None) -> Path:
    """The folder of the embedded model ``name``; it is trained first where the cache has none.

    On one machine with one number of torch threads the weights are the same to the bit. Where several
    processes call at once, one trains and the others wait. ``recipe`` is for experiments. Raises UnknownName.
    """
    if name not in RECIPES:
        raise UnknownName(f"No embedded model is named {name!r}. Known: {', '.join(RECIPES)}.")
    recipe = recipe or RECIPES[name]
    place = cache_folder() / f"{name}-{_fingerprint(name, recipe)}"
    if not place.is_dir():
        with only_one(place):
            if not place.is_dir():
                _build(name, recipe, place, progress or _silent)
    return place


def cache_folder() -> Path:
    """The folder of the embedded models."""
    return cache.cache_folder() / "models"


def shared_bases() -> SharedBases:
    """The store of weights that processes of this machine share, next to the embedded models."""
    return SharedBases(cache.cache_folder() / "bases")


def _build(name: str, recipe: Recipe, place: Path, progress: Progress) -> None:
    """Train and write to a draft, then move the draft to ``place``."""
    with filled_draft(place) as draft:
        with _threads(THREADS[name]) as threads:
            model, tokenizer, loss = train_from_scratch(name, recipe, progress)
        _write(model, tokenizer, draft)
        about = {
            "recipe": asdict(recipe),
            "validation_loss": loss,  # nats per token
            "threads": threads,
            "torch": torch.__version__,
        }
        (draft / "pretraining.json").write_text(json.dumps(about, indent=1) + "\n")


def _write(model: Any, tokenizer: Any, folder: Path) -> None:
    parameters = {name: parameter.detach().contiguous() for name, parameter in model.named_parameters()}
    save_file(parameters, folder / "model.safetensors", metadata={"format": "pt"})
    model.config.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


@contextmanager
def _threads(most: int) -> Iterator[int]:
    """Inside, torch uses at most ``most`` threads."""
    previous = torch.get_num_threads()
    torch.set_num_threads(min(most, previous))
    try:
        yield torch.get_num_threads()
    finally:
        torch.set_num_threads(previous)


def _fingerprint(name: str, recipe: Recipe) -> str:
    """A digest of what decides the weights: the recipe, and the sources of text, shapes and pre-training."""
    digest = hashlib.sha256(repr((name, recipe)).encode())
    for module in SOURCES:
        digest.update(Path(str(module.__file__)).read_bytes())
    return digest.hexdigest()[:12]


def _silent(fraction: float, words: str) -> None:
    """Ignore the progress."""
