"""Read a study file: every mistake in one error, each with its place, before anything is started."""

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

from astraios_ray.config import content
from astraios_ray.config.blocks import blame_blockless, fill_methods
from astraios_ray.config.config_problems import ConfigProblem, Origins, refuse
from astraios_ray.config.data_checks import is_local
from astraios_ray.config.extends import read_extended
from astraios_ray.config.overrides import Override, Overrides, apply, parsed
from astraios_ray.config.reader import Document, read_file
from astraios_ray.config.sources import SourceSection, is_pattern
from astraios_ray.config.study import StudyConfig
from astraios_ray.config.tasks import BUILTIN_ROWS, SOURCES, Task, parse_task
from astraios_ray.config.validate import validated
from astraios_ray.records.old_names import STUDY_KEYS, study_with_new_names

CALLED = "%s: %s.%s is called %s.%s now."
LOG = logging.getLogger(__name__)


def load_study(path: Path | str, overrides: Overrides = ()) -> StudyConfig:
    """The study in ``path`` (a file, or the name of a built-in study), with ``overrides`` applied.

    A study may extend another. A method without a block gets the one of ``search_spaces/<method>.yaml``.
    Local paths are made absolute.
    Raises ConfigError with one line per mistake: ``file:line: path: what was found, what would be right``.
    """
    document = read_extended(content.resolve("study", path), _study_document)
    for override in parsed(overrides):
        _apply(document, override)
    blame_blockless(document)
    study, problems = validated(document)
    refuse(problems)
    assert study is not None  # else a problem was found
    return _anchored(study).written_in(Origins(document.places))


def _study_document(path: Path) -> Document:
    """One study file as it is written, with today's names of keys."""
    document = read_file(path)
    if not isinstance(document.value, dict):
        refuse([*document.problems, _no_study(document)][:1])
    _take_new_names(document)
    return document


def _take_new_names(document: Document) -> None:
    """Put values with keys of version 0.1 under their new keys, with one warning each."""
    for (section, old), new in STUDY_KEYS.items():
        inside = document.value.get(section)
        if isinstance(inside, dict) and old in inside and new not in inside:
            LOG.warning(CALLED, document.places[section, old], section, old, section, new)
            moved = {path: origin for path, origin in document.places.items() if path[:2] == (section, old)}
            document.places |= {(section, new, *path[2:]): origin for path, origin in moved.items()}
    document.value = study_with_new_names(document.value)


def _no_study(document: Document) -> ConfigProblem:
    found = "the file is empty" if document.value is None else f"found {type(document.value).__name__}"
    text = f"{found}; a study is a mapping with name, model, data, budget and methods"
    return ConfigProblem(document.places[()], "", text)


def _apply(document: Document, override: Override | ConfigProblem) -> None:
    if isinstance(override, ConfigProblem):
        document.problems.append(override)
        return
    if override.path[:2] in STUDY_KEYS:
        section, old, new = override.path[0], override.path[1], STUDY_KEYS[override.path[:2]]
        LOG.warning(CALLED, override.flag, section, old, section, new)
        override = replace(override, path=(section, new, *override.path[2:]))
    methods, places = document.value.get("methods"), dict(document.places)
    apply(override, document)
    if override.path == ("methods",):
        document.places = {**places, **document.places}  # blocks that are kept keep their origins
    fill_methods(document, kept=methods if isinstance(methods, dict) else {})


def _anchored(study: StudyConfig) -> StudyConfig:
    """The study with local paths made absolute: workers run in other folders."""
    data, model, evaluate = study.data, study.model, study.evaluate
    paths = {"train": _anchored_source(data.train), "validation": _anchored_source(data.validation)}
    tasks = tuple(str(_anchored_task(parse_task(task))) for task in evaluate.tasks)
    return study.model_copy(
        update={
            "data": data.model_copy(update=paths),
            "model": model.model_copy(update={"id": _absolute(model.id)}),
            "evaluate": evaluate.model_copy(update={"tasks": tasks}),
        }
    )


def _anchored_source(source: Any) -> Any:
    """A source, or several, with absolute paths."""
    if isinstance(source, tuple):
        return tuple(map(_anchored_source, source))
    if isinstance(source, SourceSection):
        return source.model_copy(update={"source": _anchored_source(source.source)})  # type: ignore[attr-defined]
    if source and is_pattern(source):
        return str(Path.cwd() / Path(source).expanduser())
    return source and _absolute(source)


def _anchored_task(task: Task) -> Task:
    evaluator = task.evaluator
    if "/" in evaluator or evaluator.endswith(".py"):
        evaluator = _absolute(evaluator)
    options = {
        name: _absolute(value) if name in SOURCES and value != BUILTIN_ROWS else value
        for name, value in task.options.items()
    }
    return Task(evaluator, options)


def _absolute(value: str) -> str:
    return str(Path(value).expanduser().resolve()) if is_local(value) else value
