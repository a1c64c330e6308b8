"""Read a study file: every mistake in one error, each with its place, before anything is started."""

from collections.abc import Iterable, Sequence
from pathlib import Path as File
from typing import Any

from pydantic import ValidationError

from astraios_ray.config import content
from astraios_ray.config.checks import contradictions, is_local
from astraios_ray.config.explain import mistakes
from astraios_ray.config.overrides import apply, parse
from astraios_ray.config.problems import Origins, Path, Problem, near, refuse
from astraios_ray.config.reader import Document, read
from astraios_ray.config.study import StudyConfig
from astraios_ray.errors import ConfigError

_STAND_INS: dict[str, Any] = {  # for required keys that are wrong, so that the rest can still be checked
    "name": "unnamed",
    "model": {"id": "builtin:nano-s"},
    "data": {"train": "builtin:primer"},
    "budget": {"trials": 1},
    "methods": {"full": {}},
}


def load_study(path: File | str, overrides: Sequence[str] = ()) -> StudyConfig:
    """The study in ``path`` (a file, or the name of a built-in study), with ``--set`` flags applied.

    A method without a block gets the one of ``search_spaces/<method>.yaml``. Local paths are made absolute.
    Raises ConfigError with one line per mistake: ``file:line: path: what was found, what would be right``.
    """
    document = _read_file(content.resolve("study", path))
    if not isinstance(document.value, dict):
        refuse([*document.problems, *_not_a_study(document)][:1])
    _fill_methods(document, {})
    for flag in overrides:
        _apply_flag(document, flag)
    _blame_blockless(document)
    return _checked(document)


def _read_file(path: File) -> Document:
    shown = _shown(path)
    try:
        return read(path.read_bytes(), lambda line: f"{shown}:{line}")
    except OSError as error:
        raise ConfigError(f"{shown}: not readable: {error.strerror}") from error


def _shown(path: File) -> str:
    return (
        str(path.relative_to(File.cwd()))
        if path.is_absolute() and path.is_relative_to(File.cwd())
        else str(path)
    )


def _not_a_study(document: Document) -> Iterable[Problem]:
    found = "the file is empty" if document.value is None else f"found {type(document.value).__name__}"
    yield Problem(
        document.places.get((), ""), "", f"{found}; a study is a mapping with {', '.join(_STAND_INS)}"
    )


def _apply_flag(document: Document, flag: str) -> None:
    override = parse(flag)
    if isinstance(override, Problem):
        document.problems.append(override)
        return
    before = Document(document.value.get("methods"), dict(document.places))
    apply(override, document)
    kept = before.value if isinstance(before.value, dict) else {}
    if override.path == ("methods",):
        document.places = {**before.places, **document.places}
    _fill_methods(document, kept)


def _fill_methods(document: Document, kept: dict[str, Any]) -> None:
    """Replace a list of methods by a mapping, and each empty block by the method's search space.

    A method that is only named keeps the block that it had (``kept``).
    """
    methods = document.value.get("methods")
    if isinstance(methods, tuple) and all(isinstance(name, str) for name in methods):
        methods = {name: kept.get(name) for name in _named(document, methods)}
    if not isinstance(methods, dict):
        return
    filled = {name: block if block else _space(document, name, block) for name, block in methods.items()}
    document.value = {**document.value, "methods": filled}


def _named(document: Document, methods: tuple[str, ...]) -> dict[str, None]:
    for index, name in enumerate(methods):
        origin = document.places.pop(("methods", index), "")
        if name in methods[:index]:
            document.problems.append(Problem(origin, "methods", f"{name!r} stands twice; keep one"))
        document.places.setdefault(("methods", name), origin)
    return dict.fromkeys(methods)


def _space(document: Document, method: str, block: Any) -> Any:
    path: Path = ("methods", method)
    if path in document.bad or (block is not None and block != {}):
        return block
    try:
        found = _read_file(content.resolve("space", method))
    except ConfigError:
        return block  # a flag may still give it one
    if found.value is None and not found.problems:
        _blame(document, path, f"the search space of {method} is empty; write {{}} for no parameters")
    document.problems += [
        Problem(p.origin, ".".join(filter(None, ("methods", method, p.path))), p.text) for p in found.problems
    ]
    document.bad |= {path + bad for bad in found.bad}
    document.places |= {path + place: origin for place, origin in found.places.items() if place}
    return found.value


def _blame_blockless(document: Document) -> None:
    methods = document.value.get("methods")
    known = content.names("space")
    for name, block in methods.items() if isinstance(methods, dict) else ():
        if block is None and ("methods", name) not in document.bad:
            text = (
                f"no block, and no search space of that name{near(name, known)}; known: {', '.join(known)};"
            )
            _blame(document, ("methods", name), f"{text} write {{}} for the method's defaults")


def _blame(document: Document, path: Path, text: str) -> None:
    document.problems.append(Origins(document.places).problem(path, text))
    document.bad.add(path)


def _checked(document: Document) -> StudyConfig:
    origins = Origins(document.places)
    study, wrong = _validated(document.value)
    wrong = [
        (path, text) for path, text in wrong if "unknown key" in text or not _touches(path, document.bad)
    ]
    problems = [*document.problems, *(origins.problem(path, text) for path, text in wrong)]
    bad = document.bad | {path for path, _ in wrong}
    if study is None:
        study, _ = _validated(_patched(_without(document.value, bad)))
    if study is not None:
        checks = [
            (paths, text) for paths, text in contradictions(study) if not any(_touches(p, bad) for p in paths)
        ]
        problems += [origins.problem(paths[0], text) for paths, text in checks]
    refuse(problems)
    assert study is not None  # else a problem was found
    return _anchored(study).written_in(origins)


def _validated(tree: Any) -> tuple[StudyConfig | None, list[tuple[Path, str]]]:
    try:
        return StudyConfig.model_validate(tree), []
    except ValidationError as error:
        return None, list(mistakes(error, StudyConfig))


def _touches(path: Path, bad: Iterable[Path]) -> bool:
    return any(path[: len(b)] == b or b[: len(path)] == path for b in bad)


def _without(tree: Any, bad: Iterable[Path]) -> Any:
    """``tree`` without the values at ``bad``; a bad entry of a list takes the whole list with it."""
    for path in bad:
        tree = _cut(tree, path)
    return tree


def _cut(tree: Any, path: Path) -> Any:
    if not path or not isinstance(tree, dict) or path[0] not in tree:
        return tree
    rest = dict(tree)
    branch = rest.pop(path[0])
    if len(path) > 1 and isinstance(branch, dict):
        rest[str(path[0])] = _cut(branch, path[1:])
    return rest


def _patched(tree: dict[str, Any]) -> dict[str, Any]:
    patched = dict(tree)
    for key, stand_in in _STAND_INS.items():
        given = patched.get(key)
        patched[key] = (
            {**stand_in, **given}
            if isinstance(given, dict) and isinstance(stand_in, dict)
            else given or stand_in
        )
    return patched


def _anchored(study: StudyConfig) -> StudyConfig:
    """The study with local paths made absolute: workers run in other folders."""
    data = study.data.model_copy(
        update={
            key: _absolute(value)
            for key, value in (("train", study.data.train), ("validation", study.data.validation))
        }
    )
    model = study.model.model_copy(update={"id": _absolute(study.model.id)})
    tasks = tuple(
        _absolute(task) if "/" in task or task.endswith(".py") else task for task in study.evaluate.tasks
    )
    evaluate = study.evaluate.model_copy(update={"tasks": tasks})
    return study.model_copy(update={"data": data, "model": model, "evaluate": evaluate})


def _absolute(value: str | None) -> str | None:
    return str(File(value).expanduser().resolve()) if value and is_local(value) else value
