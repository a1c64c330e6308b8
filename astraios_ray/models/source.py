"""Where a base model comes from: a built-in's folder, a folder of the user, or the hub at one revision."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from astraios_ray.errors import ConfigError
from astraios_ray.records import ModelRef

BUILTIN = "builtin:"
ENDS = 1 << 20  # bytes of a file's beginning and of its end that go into a folder's fingerprint


@dataclass(frozen=True)
class Source:
    """What transformers is told to load."""

    name: str
    revision: str | None
    folder: Path | None


def find_source(ref: ModelRef, builtin: Callable[[str], Path] | None) -> Source:
    """Where the model of ``ref`` is: a built-in's folder, a folder, or the hub. Raises ConfigError."""
    place = Path(ref.id).expanduser()
    if ref.revision and (ref.id.startswith(BUILTIN) or place.is_dir()):
        raise ConfigError(
            f"model.revision: found {ref.revision!r}, but {ref.id!r} is no hub model and has none."
        )
    if ref.id.startswith(BUILTIN):
        if builtin is None:
            raise ConfigError(f"model.id: {ref.id!r} is built in, and nobody here can make it.")
        folder = builtin(ref.id.removeprefix(BUILTIN))
        return Source(str(folder), None, folder)
    if place.is_dir():
        return Source(str(place), None, place)
    if ref.id.startswith((".", "/", "~")) or ref.id.count("/") > 1:
        raise ConfigError(f"model.id: there is no folder {ref.id!r}.")
    if ref.revision is None:
        raise ConfigError(
            f"model.revision: {ref.id!r} is no folder, and as a hub model it needs a revision: a commit (40 "
            "hexadecimal digits) or a tag, so that every worker and every repetition gets the same weights; "
            "'main' takes the newest."
        )
    return Source(ref.id, ref.revision, None)


def check_weights(ref: ModelRef, folder: Path) -> None:
    """Raise ConfigError when ``folder`` holds no configuration or no safetensors."""
    if not (folder / "config.json").is_file():
        raise ConfigError(f"model.id: {folder} has no config.json, so it is no saved transformers model.")
    if not list(folder.glob("*.safetensors")):
        others = sorted(path.name for path in folder.glob("*.bin"))
        found = f"only {', '.join(others)}" if others else "no weights"
        raise ConfigError(
            f"model.id: {folder} holds {found}; expected *.safetensors. Pickled weights can run code while "
            "they are read and are refused: convert them where you trust them, with save_pretrained()."
        )


def fingerprint(folder: Path) -> str:
    """A name for the contents of a model folder: configuration and weights, by size, beginning and end.

    It tells one training of a model from another. It proves nothing about the bytes between.
    """
    digest = hashlib.sha256()
    for path in sorted([folder / "config.json", *folder.glob("*.safetensors")]):
        size = path.stat().st_size
        digest.update(f"{path.name}\0{size}\0".encode())
        with path.open("rb") as file:
            digest.update(file.read(ENDS))
            file.seek(max(0, size - ENDS))
            digest.update(file.read(ENDS))
    return f"files-{digest.hexdigest()[:16]}"


def state_of(folder: Path) -> str:
    """What tells this very folder from itself before and after any change: where its files are, their sizes
    and the nanosecond each was last written. Another copy of the same files has another state.
    """
    files = sorted([folder / "config.json", *folder.glob("*.safetensors")])
    stats = [(str(path.resolve()), path.stat()) for path in files]
    return repr([(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats])
