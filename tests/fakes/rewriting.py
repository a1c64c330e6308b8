"""Changes of files whose names stay the same."""

import json
import shutil
from pathlib import Path

from astraios_ray.models.nano import random_model


def train_anew(model: Path) -> None:
    """Other weights in the same folder, of the same size."""
    random_model("nano-xs", seed=1).save_pretrained(model)


def flip_a_bit(file: Path) -> None:
    """A bit in the middle of the file."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def rename_a_token(model: Path) -> None:
    """The tokenizer numbers two of its tokens the other way round; the weights stay."""
    path = model / "tokenizer.json"
    about = json.loads(path.read_text())
    vocabulary = about["model"]["vocab"]
    first, second = list(vocabulary)[-2:]
    vocabulary[first], vocabulary[second] = vocabulary[second], vocabulary[first]
    path.write_text(json.dumps(about))


def copy_again(folder: Path) -> None:
    """The same content in new files with new times."""
    duplicate = folder.with_name(f"{folder.name}-copy")
    shutil.copytree(folder, duplicate, copy_function=shutil.copyfile)
    shutil.rmtree(folder)
    duplicate.rename(folder)
