"""Built-in studies, search spaces and evaluators, found by name in a checkout or in the wheel."""

from pathlib import Path
from typing import Literal

from astraios_ray.config.config_problems import near
from astraios_ray.errors import ConfigError
from astraios_ray.path_kinds import exists, is_file, is_folder
from astraios_ray.plug_ins import plug_in_file

Kind = Literal["study", "space", "evaluator", "rows"]

_FOLDERS: dict[Kind, tuple[str, str]] = {
    "study": ("search_spaces/studies", ".yaml"),
    "space": ("search_spaces", ".yaml"),
    "evaluator": ("evaluators", ".py"),
    "rows": ("evaluators/rows", ".jsonl"),  # the few rows that come with evaluators
}


def resolve(kind: Kind, name_or_path: str | Path) -> Path:
    """The file of a built-in name, or the path itself if it is one.

    A name has neither a slash nor the kind's suffix. ``peft:VERA`` is looked up as ``peft_VERA``. An
    evaluator may be a plug-in too: then it is the file of its module.
    Raises ConfigError with a near match when there is no such file.
    """
    text, suffix = str(name_or_path), _FOLDERS[kind][1]
    if "/" in text or text.endswith((suffix, ".yml")):
        return _existing(Path(text).expanduser(), kind)
    path = _folder(kind) / f"{text.replace(':', '_')}{suffix}"
    if not is_file(path):
        module_file = plug_in_file(kind, text) if kind == "evaluator" else None
        if module_file:
            return module_file
        builtin_names = names(kind)
        hint = near(text, builtin_names)
        listed = f"known are {', '.join(builtin_names)}" if builtin_names else f"none is in {_folder(kind)}"
        raise ConfigError(f"no {kind} is named {text!r}{hint}; {listed}, or give a path")
    return path


def names(kind: Kind) -> tuple[str, ...]:
    """The built-in names of one kind, sorted."""
    folder, suffix = _folder(kind), _FOLDERS[kind][1]
    return tuple(sorted(path.stem for path in folder.glob(f"*{suffix}") if not path.name.startswith("_")))


def search_space(method: str) -> Path | None:
    """The file with a method's search space: the built-in one, or for a plug-in the one beside its module.

    Raises BrokenPlugIn.
    """
    if method.replace(":", "_") in names("space"):
        return resolve("space", method)
    module_file = plug_in_file("method", method)
    beside = module_file.with_suffix(_FOLDERS["space"][1]) if module_file else None
    return beside if beside and beside.is_file() else None


def _folder(kind: Kind) -> Path:
    package = Path(__file__).resolve().parents[1]
    installed = package / "_content"
    return (installed if installed.is_dir() else package.parent) / _FOLDERS[kind][0]


def _existing(path: Path, kind: Kind) -> Path:
    if is_file(path):
        return path
    folder = path.parent
    siblings = sorted(p.name for p in folder.iterdir() if p.is_file()) if is_folder(folder) else []
    reason = "is a folder" if is_folder(path) else "no ordinary file" if exists(path) else "no such file"
    raise ConfigError(f"{path}: {reason}{near(path.name, siblings)}; give the path or the name of a {kind}")
