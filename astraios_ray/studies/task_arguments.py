"""The task that is asked for: an evaluator with options, and where its rows lie."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from astraios_ray.config.tasks import Task, parse_task
from astraios_ray.errors import ConfigError
from astraios_ray.evaluation.evaluator_options import options_of
from astraios_ray.evaluation.loading import load_evaluator
from astraios_ray.studies.environment import DATA_VARIABLE

EvaluatorOptions = Mapping[str, str] | Sequence[str]  # {"language": "java"}, or flags: "language=java"


def task_from_arguments(
    evaluator: str, options: EvaluatorOptions, data: str | None, data_root: Path | str | None
) -> Task:
    """The task as one value, with ``data`` or, without it, ``data_root`` as options that it knows.

    Without either, the folder that ASTRAIOS_RAY_DATA names is the ``data_root``, if it is set.
    Raises ConfigError for options that are no ``KEY=VALUE`` or that the evaluator does not have.
    """
    flags = [options] if isinstance(options, str) else options
    values = flags if isinstance(flags, Mapping) else dict(map(_pair, flags))
    data_root = data_root or os.environ.get(DATA_VARIABLE)
    task = parse_task(evaluator)
    task = Task(task.evaluator, {**task.options, **values})
    evaluator_options = options_of(load_evaluator(task.evaluator))
    if data is not None:
        task = task.with_defaults(data=data)
    elif data_root is not None and "data_root" in evaluator_options and "data" not in task.options:
        task = task.with_defaults(data_root=str(Path(data_root).resolve()))
    load_evaluator(str(task))
    return task


def _pair(option: str) -> tuple[str, str]:
    name, equals, value = option.partition("=")
    if not equals or not name:
        raise ConfigError(f"`options` {option}: expected KEY=VALUE.", arguments=["options"])
    return name, value
