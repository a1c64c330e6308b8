"""The ``methods`` of a study: a list of names made a mapping, and empty blocks filled from search_spaces/."""

from typing import Any

from astraios_ray.config import content
from astraios_ray.config.config_problems import ConfigProblem, Origins, Path, dotted, near
from astraios_ray.config.reader import Document, read_file


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
    methods, space_names = document.value.get("methods"), content.names("space")
    for name, block in methods.items() if isinstance(methods, dict) else ():
        path: Path = ("methods", name)
        if block is None and path not in document.bad:
            text = f"no block, and no search space of that name{near(name, space_names)}"
            hint = f"known: {', '.join(space_names)}; write {{}} for the method's defaults"
            document.problems.append(Origins(document.places).problem(path, f"{text}; {hint}"))
            document.bad.add(path)


def _name_places(document: Document, methods: tuple[str, ...]) -> None:
    for index, name in enumerate(methods):
        origin = document.places.pop(("methods", index), "")
        if name in methods[:index]:
            document.problems.append(ConfigProblem(origin, "methods", f"{name!r} stands twice; keep one"))
        document.places.setdefault(("methods", name), origin)


def _space(document: Document, method: str, block: Any) -> Any:
    path: Path = ("methods", method)
    if path in document.bad or method.replace(":", "_") not in content.names("space"):
        return block
    space_file = read_file(content.resolve("space", method))
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
