"""The source of a base model: a built-in's folder, a folder of the user, or the hub at one revision."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from astraios_ray.errors import ConfigError
from astraios_ray.models.digests import folder_digest
from astraios_ray.path_kinds import is_folder
from astraios_ray.records import ModelRef

BUILTIN = "builtin:"
WEIGHTS = ("config.json", "adapter_config.json", "*.safetensors", "*.safetensors.index.json")
TOKENIZER = (  # the file names of transformers' tokenizers
    *("*token*", "*vocab*", "merges.txt", "*.model", "*.codes", "dict.txt", "normalizer.json"),
    *("chat_template.*", "additional_chat_templates/*"),
)


@dataclass(frozen=True)
class Source:
    """The arguments with which transformers loads a model."""

    name: str
    revision: str | None
    folder: Path | None


def find_source(ref: ModelRef, builtin: Callable[[str], Path] | None) -> Source:
    """The source of the model ``ref``. Raises ConfigError."""
    place = Path(ref.id).expanduser()
    if ref.revision and (ref.id.startswith(BUILTIN) or is_folder(place)):
        raise ConfigError(
            f"model.revision: found {ref.revision!r}, but {ref.id!r} is no hub model and has none."
        )
    if ref.id.startswith(BUILTIN):
        if builtin is None:
            raise ConfigError(f"model.id: {ref.id!r} is built in, and nobody here can make it.")
        folder = builtin(ref.id.removeprefix(BUILTIN))
        return Source(str(folder), None, folder)
    if is_folder(place):
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
        pickles = sorted(path.name for path in folder.glob("*.bin"))
        content = f"only {', '.join(pickles)}" if pickles else "no weights"
        raise ConfigError(
            f"model.id: {folder} holds {content}; expected *.safetensors. Pickled weights can run code while "
            "they are read and are refused: convert them where you trust them, with save_pretrained()."
        )


def fingerprint(folder: Path) -> str:
    """A name for the weights of a model folder, from the content of all files that decide them."""
    return f"files-{folder_digest(folder, WEIGHTS)[:32]}"


def tokenizer_digest(folder: Path) -> str:
    """64 hexadecimal digits over the files of a model folder that decide its tokens."""
    return folder_digest(folder, TOKENIZER)
