"""``astraios-ray evaluators``: what models can be asked, and how one question reads."""

import ast
import json
from typing import Any

import click

from astraios_ray.aligned_text import table
from astraios_ray.cli.shared_options import json_option, with_task


@click.command("evaluators")
@click.argument("name", required=False)
@click.option("--row", type=click.IntRange(0), help="Show the prompts of this problem, counted from 0.")
@with_task
@json_option
def evaluators(
    name: str | None,
    row: int | None,
    limit: int | None,
    as_json: bool,
    **task_arguments: Any,
) -> None:
    """List the evaluators, or show the evaluator NAME (a built-in name or a path) and its prompts."""
    from astraios_ray.config import content
    from astraios_ray.evaluation.loading import PLUG_INS, load_evaluator
    from astraios_ray.studies.task_arguments import task_from_arguments

    if name is None:
        if row is not None:
            raise click.UsageError("--row needs the NAME of an evaluator.")
        every_name = [*content.names("evaluator"), *PLUG_INS.working()]
        listed = [_described(load_evaluator(each), each) for each in every_name]
        click.echo(json.dumps(listed, indent=2) if as_json else "\n\n".join(map(_as_text, listed)))
        return
    task = task_from_arguments(name, **task_arguments)
    evaluator = load_evaluator(str(task))
    described = _described(evaluator, task.evaluator)
    if row is not None:
        described["prompts"] = _prompts(evaluator, row, limit)
    click.echo(json.dumps(described, indent=2) if as_json else _as_text(described))


def _described(evaluator: Any, name: str) -> dict[str, Any]:
    from astraios_ray.config import content
    from astraios_ray.evaluation.evaluator_options import options_of
    from astraios_ray.python_syntax import syntax_tree

    text = ast.get_docstring(syntax_tree(content.resolve("evaluator", name).read_text())) or ""
    return {
        "name": evaluator.name,
        "summary": text.splitlines()[0] if text else "",
        "options": options_of(evaluator),
        "ranking": evaluator.ranking,
        "greedy": evaluator.greedy,
        "executes": evaluator.executes,
        "stop": list(evaluator.stop),
    }


def _prompts(evaluator: Any, row: int, limit: int | None) -> list[dict[str, str]]:
    """The prompt of one problem, and of its second stage after a placeholder answer."""
    from astraios_ray.errors import ConfigError
    from astraios_ray.records import Completion

    problems = list(evaluator.problems())[:limit]
    if row >= len(problems):
        raise ConfigError(f"--row {row}: evaluator {evaluator.name} has the rows 0 to {len(problems) - 1}.")
    problem = problems[row]
    stages = [{"problem": problem.id, "prompt": problem.prompt}]
    following = evaluator.then(problem, Completion(problem.id, 0, "<what the model wrote>"))
    return [*stages, {"problem": problem.id, "prompt": following.prompt}] if following else stages


def _as_text(described: dict[str, Any]) -> str:
    options = [
        (f"--option {name}=", "(empty)" if value == "" else value)
        for name, value in described["options"].items()
    ]
    ways = ["greedy"] * described["greedy"] + ["runs programs"] * described["executes"]
    lines = [
        f"{described['name']}: {described['summary']}",
        f"  ranked by {', '.join([described['ranking'], *ways])}",
        *([table(options)] if options else []),
    ]
    for number, prompt in enumerate(described.get("prompts", ()), start=1):
        lines += [f"\n--- {prompt['problem']}, stage {number}", prompt["prompt"], "---"]
    return "\n".join(lines)
