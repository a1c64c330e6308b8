"""The embedded models: pre-trained on first use and kept in a cache."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import torch
from filelock import FileLock
from platformdirs import user_cache_path
from safetensors.torch import save_file
from torch import nn

from astraios_ray import embedded
from astraios_ray.data.packing import Sample, pack_rows
from astraios_ray.data.tokenise import Blocks, pad
from astraios_ray.embedded.corpus import documents
from astraios_ray.errors import UnknownName
from astraios_ray.models import nano
from astraios_ray.models.load import Base
from astraios_ray.models.places import places_of
from astraios_ray.records import DataRef, ModelRef, Recipe, TrialSpec
from astraios_ray.training.slot import Slot

Progress = Callable[[float, str], None]  # fraction done from 0 to 1, words
CACHE_VARIABLE = "ASTRAIOS_RAY_CACHE"
LENGTH = 48  # tokens of a row: one function, with room
VALIDATION = 96  # functions
MOST_THREADS = 4  # more are slower at these sizes
TOLD_EVERY = 10  # steps between two calls of Progress


def _recipe(learning_rate: float, steps: int) -> Recipe:
    return Recipe(learning_rate=learning_rate, max_steps=steps, batch_size=24, warmup_steps=30)


RECIPES = {
    "nano-xs": _recipe(5e-3, 600),
    "nano-s": _recipe(3e-3, 600),
    "nano-m": _recipe(2e-3, 600),
    "nano-l": _recipe(1.5e-3, 600),
}


def builtin_model(name: str, progress: Progress | None = None) -> Path:
    """The folder of the embedded model ``name``; it is trained first where the cache has none.

    On one machine with one number of torch threads the weights are the same to the bit. Several processes
    may ask at once: one trains, the others wait. Raises UnknownName.
    """
    if name not in RECIPES:
        raise UnknownName(f"No embedded model is named {name!r}. Known: {', '.join(RECIPES)}.")
    place = cache_folder() / f"{name}-{_fingerprint(name)}"
    if not place.is_dir():
        place.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{place}.lock"):
            if not place.is_dir():
                _build(name, RECIPES[name], place, progress or _silent)
    return place


def cache_folder() -> Path:
    """Where embedded models are kept: $ASTRAIOS_RAY_CACHE, or the user's cache folder."""
    given = os.environ.get(CACHE_VARIABLE)
    return (Path(given).expanduser() if given else user_cache_path("astraios-ray")) / "models"


def pretrain(name: str, recipe: Recipe, progress: Progress) -> tuple[nn.Module, Any, float]:
    """A trained model, its tokenizer and its validation loss in nats per token."""
    tokenizer = nano.nano_tokenizer()
    rows = recipe.max_steps * recipe.batch_size
    model = Moved(nano.random_model(name, seed=0), nano.POSITIONS - LENGTH)
    slot = Slot(_base(name, model, tokenizer), _corpus(tokenizer, rows), _spec(name, recipe))
    while slot.step_count < recipe.max_steps:
        loss = slot.step()
        if slot.step_count % TOLD_EVERY == 0:
            done = slot.step_count / recipe.max_steps
            progress(
                done, f"Pre-training {name}: step {slot.step_count} of {recipe.max_steps}, loss {loss:.2f}"
            )
    return slot.tuned.model.model, tokenizer, slot.validate()  # type: ignore[return-value]


class Moved(nn.Module):
    """A model that, in training, meets each row at a random place, so that it learns every position."""

    def __init__(self, model: nn.Module, farthest: int) -> None:
        super().__init__()
        self.model, self.farthest = model, farthest

    def forward(self, input_ids: torch.Tensor, **others: Any) -> Any:
        """``model``'s answer; ``input_ids`` are int64 [rows, tokens]."""
        rows, tokens = input_ids.shape
        starts = (
            torch.randint(0, self.farthest + 1, (rows, 1)) if self.training else torch.zeros(rows, 1).long()
        )
        return self.model(input_ids, position_ids=starts + torch.arange(tokens), **others)


def _base(name: str, model: nn.Module, tokenizer: Any) -> Base:
    return Base(model, tokenizer, places_of("GPTBigCode"), ModelRef(f"builtin:{name}"), "untrained")


def _spec(name: str, recipe: Recipe) -> TrialSpec:
    data = DataRef("builtin:corpus", sequence_length=LENGTH, packing="rows")
    return TrialSpec("pretraining", 0, "full", {}, recipe, ModelRef(f"builtin:{name}"), data)


def _corpus(tokenizer: Any, count: int) -> Blocks:
    end = tokenizer.eos_token_id
    texts = list(documents(count + VALIDATION))
    samples = [Sample([*ids, end], [*ids, end], 0) for ids in tokenizer(texts)["input_ids"]]
    rows = pack_rows(samples, LENGTH).rows
    return Blocks(pad(rows[:count], LENGTH, end), pad(rows[count:], LENGTH, end))


def _build(name: str, recipe: Recipe, place: Path, progress: Progress) -> None:
    """Train beside ``place``, then move there."""
    aside = Path(mkdtemp(prefix=f".{name}-", dir=place.parent))
    try:
        with _threads(MOST_THREADS) as threads:
            model, tokenizer, loss = pretrain(name, recipe, progress)
        _write(model, tokenizer, aside)
        about = {
            "recipe": asdict(recipe),
            "validation_loss": loss,
            "threads": threads,
            "torch": torch.__version__,
        }
        (aside / "pretraining.json").write_text(json.dumps(about, indent=1) + "\n")
        aside.rename(place)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _write(model: Any, tokenizer: Any, folder: Path) -> None:
    parameters = {name: parameter.detach().contiguous() for name, parameter in model.named_parameters()}
    save_file(parameters, folder / "model.safetensors", metadata={"format": "pt"})
    model.config.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


@contextmanager
def _threads(most: int) -> Iterator[int]:
    """Inside, torch uses at most ``most`` threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(min(most, before))
    try:
        yield torch.get_num_threads()
    finally:
        torch.set_num_threads(before)


def _fingerprint(name: str) -> str:
    """Of everything that decides the weights: the recipe, and the source of text, model and this file."""
    digest = hashlib.sha256(repr((name, RECIPES[name])).encode())
    texts = sorted(Path(next(iter(embedded.__path__))).glob("*.py"))
    for path in (*texts, Path(nano.__file__), Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _silent(fraction: float, words: str) -> None:
    """Tell nobody."""
