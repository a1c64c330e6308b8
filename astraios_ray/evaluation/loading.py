"""Turn a file of ``evaluators/`` into an Evaluator, by path and never by import name."""

import importlib.util
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from astraios_ray.config.content import resolve
from astraios_ray.errors import ConfigError
from astraios_ray.evaluation.evaluator import Evaluator, Problem

PROMISED = ("name", "stop", "ranking", "greedy", "problems", "judge", "metrics")


def load_evaluator(name_or_path: str | Path) -> Evaluator:
    """The one object that the file binds to the name ``evaluator``. Loaded once per process and version.

    A bare name is one of the built-in evaluators. Raises ConfigError when there is no such file, or when
    what it binds is no evaluator.
    """
    path = resolve("evaluator", name_or_path)
    return _load(path, path.stat().st_mtime_ns)


def load_problems(name_or_path: str | Path) -> Mapping[str, Problem]:
    """All problems of an evaluator by id, made once per process and version."""
    path = resolve("evaluator", name_or_path)
    return _problems(path, path.stat().st_mtime_ns)


@cache
def _problems(path: Path, version: int) -> Mapping[str, Problem]:
    return {problem.id: problem for problem in _load(path, version).problems()}


@cache
def _load(path: Path, version: int) -> Evaluator:
    spec = importlib.util.spec_from_file_location(f"astraios_evaluator_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ConfigError(f"{path}: no Python file.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    evaluator: Evaluator | None = getattr(module, "evaluator", None)
    missing = [name for name in PROMISED if not hasattr(evaluator, name)]
    if evaluator is None or missing:
        raise ConfigError(f"{path}: expected `evaluator = …` with {', '.join(PROMISED)}; lacks {missing}.")
    if evaluator.name != path.stem:
        raise ConfigError(f"{path}: its evaluator is named {evaluator.name!r}, expected {path.stem!r}.")
    return evaluator
