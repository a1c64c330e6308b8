"""What is wrong with a study file, and where it was written."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from astraios_ray.errors import ConfigError

Path = tuple[str | int, ...]


@dataclass(frozen=True, order=True)
class ConfigProblem:
    """One mistake: what was found and what would be right, with its place."""

    origin: str  # "study.yaml:12" or "--set search.seed=x"
    path: str  # "methods.lora.r", empty for the whole file
    text: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.origin, self.path, self.text) if part)


@dataclass(frozen=True, eq=False)
class Origins:
    """Where each value of a study was written. All compare equal, so that studies compare by value."""

    places: Mapping[Path, str] = field(default_factory=dict)

    def at(self, path: Path) -> str:
        """The origin of ``path``, or of the nearest value around it that has one; empty if none has."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.places:
                return self.places[path[:length]]
        return ""

    def problem(self, path: Path, text: str) -> ConfigProblem:
        """A mistake in the value at ``path``."""
        return ConfigProblem(self.at(path), dotted(path), text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Origins)

    def __hash__(self) -> int:
        return 0


def dotted(path: Path) -> str:
    """``("methods", "lora", "r")`` as ``methods.lora.r``."""
    return ".".join(str(part) for part in path)


def near(name: object, names: Iterable[str]) -> str:
    """The hint `` (did you mean 'rank'?)``, or nothing when no name is near."""
    matches = difflib.get_close_matches(str(name), list(names), n=1)
    return f" (did you mean {matches[0]!r}?)" if matches else ""


def shown(value: object) -> str:
    """A value of a YAML file in words, for a message: ``text 'abc'``, ``true``, ``a list``."""
    match value:
        case None:
            return "nothing (null)"
        case bool():
            return "true" if value else "false"
        case str():
            return f"text {value if len(value) < 60 else value[:57] + '...'!r}"
        case Mapping():
            return "a mapping"
        case list() | tuple():
            return "a list" if value else "an empty list"
        case _:
            return f"{value!r}"


def refuse(problems: Iterable[ConfigProblem]) -> None:
    """Raise one ConfigError with a line for each problem, by file and line; none: return."""
    lines = dict.fromkeys(str(problem) for problem in sorted(problems, key=_by_line))
    if lines:
        raise ConfigError("\n".join(lines))


def _by_line(problem: ConfigProblem) -> tuple[str, int]:
    file, _, line = problem.origin.rpartition(":")
    return (file, int(line)) if line.isdecimal() else (problem.origin, 0)
