"""Check a document as a study; when parts of it are wrong, still check the rest."""

from collections.abc import Collection
from typing import Any

from pydantic import ValidationError

from astraios_ray.config.checks import contradictions
from astraios_ray.config.config_problems import ConfigProblem, Origins, Path
from astraios_ray.config.explain_errors import mistakes
from astraios_ray.config.reader import Document
from astraios_ray.config.study import StudyConfig

_STAND_INS: dict[str, Any] = {  # values for required keys that are wrong or missing
    "name": "unnamed",
    "model": {"id": "builtin:nano-s"},
    "data": {"train": "builtin:primer"},
    "budget": {"trials": 1},
}


def validated(document: Document) -> tuple[StudyConfig | None, list[ConfigProblem]]:
    """The study, and all that is wrong with it. With problems, it is None or partly a stand-in."""
    origins = Origins(document.places)
    study, wrong = _parsed(document.value)
    wrong = [
        (path, text) for path, text in wrong if "unknown key" in text or not _touches(path, document.bad)
    ]
    bad = document.bad | {path for path, _ in wrong}
    problems = [*document.problems, *(origins.problem(path, text) for path, text in wrong)]
    if study is None:
        study, _ = _parsed(_patched(_without(document.value, bad)))
    for paths, text in contradictions(study) if study else ():
        if not any(_touches(path, bad) for path in paths):
            problems.append(origins.problem(paths[0], text))
    return study, problems


def _parsed(tree: Any) -> tuple[StudyConfig | None, list[tuple[Path, str]]]:
    try:
        return StudyConfig.model_validate(tree), []
    except ValidationError as error:
        return None, list(mistakes(error, StudyConfig))


def _touches(path: Path, bad: Collection[Path]) -> bool:
    return any(path[: len(b)] == b or b[: len(path)] == path for b in bad)


def _without(tree: Any, bad: Collection[Path]) -> Any:
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
    patched = {"methods": {"unnamed": {}}, **tree}
    for key, stand_in in _STAND_INS.items():
        value = patched.get(key, stand_in)
        mergeable = isinstance(value, dict) and isinstance(stand_in, dict)
        patched[key] = {**stand_in, **value} if mergeable else value
    return patched
