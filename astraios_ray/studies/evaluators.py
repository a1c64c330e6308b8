"""What models can be asked, and how one question reads."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from astraios_ray.config import content
from astraios_ray.errors import ConfigError
from astraios_ray.evaluation.evaluator import Evaluator
from astraios_ray.evaluation.evaluator_options import options_of
from astraios_ray.evaluation.loading import PLUG_INS, load_evaluator
from astraios_ray.python_syntax import syntax_tree
from astraios_ray.records import Completion, Value
from astraios_ray.studies.argument_ranges import check_whole
from astraios_ray.studies.task_arguments import EvaluatorOptions, task_from_arguments


@dataclass(frozen=True)
class EvaluatorDescription:
    """One evaluator as data. ``prompts`` are those of one problem, where one was asked for."""

    name: str
    summary: str
    options: Mapping[str, Value]
    ranking: str
    greedy: bool
    executes: bool
    stop: list[str]
    prompts: list[dict[str, str]] | None = None

    def document(self) -> dict[str, Any]:
        """The fields as plain values; ``prompts`` only where one was asked for."""
        values = {column.name: getattr(self, column.name) for column in fields(self)}
        return {name: value for name, value in values.items() if name != "prompts" or value is not None}


def list_evaluators() -> list[EvaluatorDescription]:
    """The evaluators that are built in, then those of plug-ins."""
    names = [*content.names("evaluator"), *PLUG_INS.working()]
    return [_described(load_evaluator(name), name) for name in names]


def show_evaluator(
    name: str,
    *,
    row: int | None = None,
    options: EvaluatorOptions = (),
    data: str | None = None,
    data_root: Path | str | None = None,
    limit: int | None = None,
) -> EvaluatorDescription:
    """One evaluator, a built-in name or a path, and the prompts of its problem number ``row``.

    Raises ConfigError for options that it does not have and for a row that is not there.
    """
    check_whole("row", row, least=0)
    check_whole("limit", limit)
    task = task_from_arguments(name, options, data, data_root)
    evaluator = load_evaluator(str(task))
    prompts = None if row is None else _prompts(evaluator, row, limit)
    return _described(evaluator, task.evaluator, prompts)


def _described(
    evaluator: Evaluator, name: str, prompts: list[dict[str, str]] | None = None
) -> EvaluatorDescription:
    text = ast.get_docstring(syntax_tree(content.resolve("evaluator", name).read_text())) or ""
    return EvaluatorDescription(
        name=evaluator.name,
        summary=text.splitlines()[0] if text else "",
        options=options_of(evaluator),
        ranking=evaluator.ranking,
        greedy=evaluator.greedy,
        executes=evaluator.executes,
        stop=list(evaluator.stop),
        prompts=prompts,
    )


def _prompts(evaluator: Evaluator, row: int, limit: int | None) -> list[dict[str, str]]:
    """The prompt of one problem, and of its second stage after a placeholder answer."""
    problems = list(evaluator.problems())[:limit]
    if row >= len(problems):
        raise ConfigError(
            f"`row` {row}: evaluator {evaluator.name} has the rows 0 to {len(problems) - 1}.",
            arguments=["row"],
        )
    problem = problems[row]
    stages = [{"problem": problem.id, "prompt": problem.prompt}]
    following = evaluator.then(problem, Completion(problem.id, 0, "<what the model wrote>"))
    return [*stages, {"problem": problem.id, "prompt": following.prompt}] if following else stages
