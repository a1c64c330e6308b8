"""The ``methods`` of a study: a list of names made a mapping, and empty blocks filled from search_spaces/."""

from typing import Any

from astraios_ray.config import content
from astraios_ray.config.config_problems import ConfigProblem, Origins, Path, dotted, near
from astraios_ray.config.reader import Document, read_file
from astraios_ray.errors import BrokenPlugIn
from astraios_ray.plug_ins import plug_in_source


def fill_methods(document: Document, kept: dict[str, Any]) -> None:
    """Replace a list of methods by a mapping, and each empty block by the method's search space.

    A method that is only named in a list has its block in ``kept``, if there. A null block without a
    search space stays null.
    """
    methods = document.value.get("methods")
    if isinstance(methods, tuple) and all(isinstance(name, str) for name in methods):
        _name_places(document, methods)
        methods = {name: kept.get(name) for name in methods}
    if not isinstance(methods, dict):
        return
    filled = {
        name: block if block not in (None, {}) else _space(document, name, block)
        for name, block in methods.items()
    }
    document.value = {**document.value, "methods": filled}


def blame_blockless(document: Document) -> None:
    """Note a problem for each method whose block is still null."""
    methods = document.value.get("methods")
    for name, block in methods.items() if isinstance(methods, dict) else ():
        path: Path = ("methods", name)
        if block is None and path not in document.bad:
            _refuse(document, path, _why_blockless(name))


def _why_blockless(method: str) -> str:
    space_names = content.names("space")
    try:
        source = plug_in_source("method", method)
    except BrokenPlugIn as error:
        return str(error)
    if source:
        return f"no block, and {source} brings no search space; write {{}} for the method's defaults"
    text = f"no block, and no search space of that name{near(method, space_names)}"
    return f"{text}; known: {', '.join(space_names)}; write {{}} for the method's defaults"


def _refuse(document: Document, path: Path, text: str) -> None:
    document.problems.append(Origins(document.places).problem(path, text))
    document.bad.add(path)


def _name_places(document: Document, methods: tuple[str, ...]) -> None:
    for index, name in enumerate(methods):
        origin = document.places.pop(("methods", index), "")
        if name in methods[:index]:
            document.problems.append(ConfigProblem(origin, "methods", f"{name!r} stands twice; keep one"))
        document.places.setdefault(("methods", name), origin)


def _space(document: Document, method: str, block: Any) -> Any:
    path: Path = ("methods", method)
    try:
        file = None if path in document.bad else content.search_space(method)
    except BrokenPlugIn as error:
        _refuse(document, path, str(error))
        return block
    if file is None:
        return block
    space_file = read_file(file)
    document.problems += [ConfigProblem(p.origin, _joined(path, p.path), p.text) for p in space_file.problems]
    if not space_file.problems and not isinstance(space_file.value, dict):
        text = "the search space is no mapping of parameters; write {} for none"
        document.problems.append(ConfigProblem(space_file.places[()], dotted(path), text))
        space_file.bad.add(())
    document.bad |= {path + bad for bad in space_file.bad}
    document.places |= {path + place: origin for place, origin in space_file.places.items() if place}
    return space_file.value


def _joined(path: Path, suffix: str) -> str:
    return f"{dotted(path)}.{suffix}" if suffix else dotted(path)
