"""A study that ``extends`` another: what it does not say, the other says."""

from collections.abc import Callable, Iterator
from pathlib import Path as File
from typing import Any

from astraios_ray.config import content
from astraios_ray.config.blocks import fill_methods
from astraios_ray.config.config_problems import ConfigProblem, Path, shown
from astraios_ray.config.reader import Document
from astraios_ray.errors import ConfigError

KEY = "extends"
NOT_INHERITED = "name"  # names the run folder, which two studies cannot share


def read_extended(file: File, read_study_file: Callable[[File], Document]) -> Document:
    """The study of ``file``, joined with the study that it extends, and with the one that this one extends.

    Each key of a section replaces the other study's; a list of ``methods`` keeps these methods alone. Any
    other value replaces the other's whole. Raises ConfigError where studies extend each other in a circle.
    """
    return _read(file, read_study_file, ())


def _read(file: File, read_study_file: Callable[[File], Document], above: tuple[File, ...]) -> Document:
    document = read_study_file(file)
    base_file = _take_base(document, file)
    if base_file is None:
        fill_methods(document, kept={})
        return document
    chain = (*above, file.resolve())
    if base_file.resolve() in chain:
        circle = " extends ".join(map(str, (*chain[chain.index(base_file.resolve()) :], base_file.resolve())))
        raise ConfigError(f"{document.places[(KEY,)]}: {KEY}: a circle: {circle}; leave one of them out")
    return _joined(_read(base_file, read_study_file, chain), document)


def _take_base(document: Document, file: File) -> File | None:
    """The file that ``document`` extends; the key is taken out of its values."""
    if KEY not in document.value:
        return None
    name = document.value[KEY]
    document.value = {key: value for key, value in document.value.items() if key != KEY}
    if not isinstance(name, str):
        text = f"found {shown(name)}; write the name of a built-in study or a path from this file's folder"
        document.problems.append(ConfigProblem(document.places[(KEY,)], KEY, text))
        return None
    is_path = "/" in name or name.endswith((".yaml", ".yml"))
    try:
        return content.resolve("study", file.parent / File(name).expanduser() if is_path else name)
    except ConfigError as error:
        raise ConfigError(f"{document.places[(KEY,)]}: {KEY}: {error}") from error


def _joined(base: Document, document: Document) -> Document:
    """``document`` over ``base``, with the place of every value."""
    inherited = {key: value for key, value in base.value.items() if key != NOT_INHERITED}
    base_methods = inherited.get("methods")
    if isinstance(document.value.get("methods"), tuple):
        inherited.pop("methods", None)  # a list: these methods alone, with the blocks that they have
    fill_methods(document, kept=base_methods if isinstance(base_methods, dict) else {})
    replaced = {(), *_replaced(inherited, document.value)}

    def remains(path: Path) -> bool:
        return replaced.isdisjoint((path[:1], path[:2]))

    return Document(
        value={**inherited, **{key: _over(inherited.get(key), new) for key, new in document.value.items()}},
        places={**{path: place for path, place in base.places.items() if remains(path)}, **document.places},
        problems=[*base.problems, *document.problems],
        bad=set(filter(remains, base.bad)) | document.bad,
    )


def _over(inherited: Any, value: Any) -> Any:
    both = isinstance(inherited, dict) and isinstance(value, dict)
    return {**inherited, **value} if both else value


def _replaced(inherited: dict[str, Any], values: dict[str, Any]) -> Iterator[Path]:
    """The paths of ``values`` that stand in place of the inherited ones."""
    yield (NOT_INHERITED,)
    for key, value in values.items():
        if isinstance(inherited.get(key), dict) and isinstance(value, dict):
            yield from ((key, part) for part in value)
        elif key != "methods":
            yield (key,)
