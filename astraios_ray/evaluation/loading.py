"""Load the Evaluator of a file of ``evaluators/``, by path and never by import name."""

import importlib.util
from collections.abc import Hashable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

from astraios_ray.config.content import names, resolve
from astraios_ray.config.tasks import Task, parse_task
from astraios_ray.errors import ConfigError
from astraios_ray.evaluation.evaluator import Evaluator, Problem
from astraios_ray.evaluation.evaluator_options import with_options
from astraios_ray.models.digests import file_digest
from astraios_ray.plug_ins import PlugIns

MEMBERS = tuple(name for name in vars(Evaluator) if not name.startswith("_"))


def load_evaluator(task: str | Path) -> Evaluator:
    """The one object that the file binds to the name ``evaluator``. Loaded once per process and version.

    ``task`` is a path, or the name of a built-in evaluator or a plug-in, with options after a question mark:
    ``humanevalpack_fix?language=java``. Raises ConfigError when there is no such file, when what it binds
    is no evaluator, or when it has no such options.
    """
    return _evaluator_of(parse_task(task))


def load_problems(task: str | Path) -> Mapping[str, Problem]:
    """All problems of an evaluator by id, as this process last read them."""
    evaluator = cast(Hashable, load_evaluator(task))
    return _PROBLEMS[evaluator] if evaluator in _PROBLEMS else read_problems(task)


def read_problems(task: str | Path) -> Mapping[str, Problem]:
    """All problems by id, read again, since the rows can have changed."""
    evaluator = load_evaluator(task)
    problems = {problem.id: problem for problem in evaluator.problems()}
    _PROBLEMS[cast(Hashable, evaluator)] = problems
    return problems


_PROBLEMS: dict[Hashable, Mapping[str, Problem]] = {}


def _evaluator_of(task: Task) -> Evaluator:
    options = tuple(task.options.items())
    if task.evaluator in PLUG_INS:
        return _plug_in_with_options(task.evaluator, options)
    path = resolve("evaluator", task.evaluator)
    return _with_options(path, file_digest(path), options)


@cache
def _plug_in_with_options(name: str, options: tuple[tuple[str, str], ...]) -> Evaluator:
    return with_options(PLUG_INS.load(name), dict(options))


@cache
def _with_options(path: Path, version: str, options: tuple[tuple[str, str], ...]) -> Evaluator:
    return with_options(_load(path, version), dict(options))


@cache
def _load(path: Path, version: str) -> Evaluator:
    spec = importlib.util.spec_from_file_location(f"astraios_evaluator_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ConfigError(f"{path}: no Python file.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    flaw = _flaw(path.stem, getattr(module, "evaluator", None))
    if flaw:
        raise ConfigError(f"{path}: {flaw}.")
    return cast(Evaluator, module.evaluator)


def _flaw(name: str, candidate: Any) -> str:
    """Why an object is no evaluator of this name; empty where it is one."""
    missing = [member for member in MEMBERS if not hasattr(candidate, member)]
    if candidate is None or missing:
        return f"expected `evaluator = …` with {', '.join(MEMBERS)}; lacks {missing}"
    return "" if candidate.name == name else f"its evaluator is named {candidate.name!r}, expected {name!r}"


PLUG_INS: PlugIns[Evaluator] = PlugIns("evaluator", _flaw, lambda name: name in names("evaluator"))
