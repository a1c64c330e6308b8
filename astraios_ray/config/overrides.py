"""Values of a study file given anew: ``--set a.b.c=VALUE``, or a mapping of a program."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

import yaml

from astraios_ray.config.config_problems import ConfigProblem, Path, dotted
from astraios_ray.config.reader import Document, read

Overrides = Mapping[str, Any] | Sequence[str]  # {"a.b": value}, or flags: "a.b=VALUE"
EXPECTED = 'expected {"training.max_steps": 100}, or the flags ["training.max_steps=100"]'


@dataclass(frozen=True)
class Override:
    """One key that is set, and its value."""

    flag: str  # as the user wrote it, for messages
    path: Path
    document: Document


def parsed(overrides: Overrides) -> Iterator[Override | ConfigProblem]:
    """Every override; a mistake in the form of one comes back as a ConfigProblem."""
    if isinstance(overrides, Mapping):
        return (_from_value(key, value) for key, value in overrides.items())
    if isinstance(overrides, Iterable):
        return map(parse, [overrides] if isinstance(overrides, str) else overrides)
    return iter([ConfigProblem("overrides", "", f"found {overrides!r}; {EXPECTED}")])


def _from_value(key: Any, value: Any) -> Override | ConfigProblem:
    origin = f"overrides[{key!r}]"
    if not (isinstance(key, str) and all(key.split("."))):
        return ConfigProblem(origin, "", "expected key.key, for example training.max_steps")
    try:
        text = yaml.safe_dump(str(value) if isinstance(value, PurePath) else value, sort_keys=False)
    except yaml.representer.RepresenterError:
        words = f"found {type(value).__name__}; expected text, a number, a bool, None, a list or a mapping"
        return ConfigProblem(origin, key, words)
    return Override(origin, tuple(key.split(".")), read(text, lambda line: origin))


def parse(flag: Any) -> Override | ConfigProblem:
    """``a.b=VALUE`` with VALUE read as YAML; a mistake in the flag's form comes back as a ConfigProblem."""
    if not isinstance(flag, str):
        return ConfigProblem("overrides", "", f"found {flag!r} in a list; {EXPECTED}")
    origin = f"--set {flag}"
    keys, equals, text = flag.partition("=")
    if not equals or not all(keys.split(".")):
        return ConfigProblem(origin, "", "expected key.key=VALUE, for example training.max_steps=100")
    if not text.strip():
        return ConfigProblem(origin, keys, "no value after '='; write null for none")
    return Override(origin, tuple(keys.split(".")), read(text, lambda line: origin))


def apply(override: Override, target: Document) -> None:
    """Write the override's value into ``target``, with its origins and problems.

    A scalar or list on the way becomes a mapping, so ``r: [4, 8]`` can be overridden by ``r.values``;
    a number steps into a list.
    """
    document, path = override.document, _steps(target.value, override.path)
    problems = [replace(p, path=".".join(filter(None, (dotted(path), p.path)))) for p in document.problems]
    target.problems += problems
    target.bad |= {path + bad for bad in document.bad}
    target.places = _without(target.places, path[: _stable_depth(target.value, path) + 1])
    for length in range(1, len(path)):
        target.places.setdefault(path[:length], override.flag)
    target.places |= {path + place: origin for place, origin in document.places.items()}
    target.value = _with_value(target.value, path, document.value)


def _steps(tree: Any, path: Path) -> Path:
    """``path`` with whole numbers where it steps into a list."""
    steps: list[str | int] = []
    for part in path:
        inside = isinstance(tree, tuple) and str(part).isdecimal() and int(part) < len(tree)
        steps.append(int(part) if inside else part)
        tree = tree[steps[-1]] if inside or (isinstance(tree, dict) and part in tree) else None
    return tuple(steps)


def _stable_depth(tree: Any, path: Path) -> int:
    """How many leading steps of ``path`` lead through mappings and lists that stay."""
    for length, part in enumerate(path):
        if not (isinstance(tree, dict) and part in tree) and not isinstance(part, int):
            return length - 1 if length and not isinstance(tree, dict) else length
        tree = tree[part]
    return len(path)


def _without(origins: dict[Path, str], path: Path) -> dict[Path, str]:
    return {place: origin for place, origin in origins.items() if place[: len(path)] != path}


def _with_value(tree: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(first, int):
        return (*tree[:first], _with_value(tree[first], rest, value), *tree[first + 1 :])
    branch = dict(tree) if isinstance(tree, dict) else {}
    branch[first] = _with_value(branch.get(first), rest, value)
    return branch
