"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from astraios_ray.studies.environment import DATA_VARIABLE

OPTIONS = {  # argument of the Python API -> the option that gives it, where their names differ
    "consent": "--i-accept-unsandboxed-execution",
    "options": "--option",
    "overrides": "--set",
    "published": "--with",
    "seeds": "--seed",
    "transformations": "--transformation",
}


def option_of(argument: str) -> str:
    """The option of the command line that gives an ``argument`` of the Python API."""
    return OPTIONS.get(argument, f"--{argument.replace('_', '-')}")


set_option = click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Give a value of the study anew, read as YAML: --set methods.lora.r.values='[8]'. Repeatable.",
)
sandbox_options = (
    click.option(
        "--sandbox",
        "kind",
        type=click.Choice(["bubblewrap", "landlock"]),
        default="bubblewrap",
        show_default=True,
        help="landlock: level 2, for machines that refuse namespaces; Python only.",
    ),
    click.option(
        "--i-accept-unsandboxed-execution",
        "consent",
        metavar="NAME",
        help="Run generated programs with nothing around them. NAME is that of what is judged.",
    ),
)
task_options = (
    click.option(
        "--option",
        "options",
        multiple=True,
        metavar="KEY=VALUE",
        help="An option of the evaluator: --option language=java. Repeatable.",
    ),
    click.option("--data", metavar="FILE", help="The evaluator's rows; builtin: the few that come with it."),
    click.option(
        "--data-root",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        envvar=DATA_VARIABLE,
        show_envvar=True,
        help="A folder of data sets with the evaluator's rows at its usual place. Default: its hub id.",
    ),
    click.option("--limit", type=click.IntRange(1), help="Only the first problems."),
)
sandbox_python_option = click.option(
    "--sandbox-python",
    default="default",
    show_default=True,
    metavar="PACKAGES",
    help="What programs can import beside Python's library: default, numpy, or the folder of a virtual "
    "environment. default is numpy where this environment has it.",
)
changes_option = click.option(
    "--despite-changes",
    is_flag=True,
    help="Go on although what the trial was trained with has other contents now.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def with_sandbox(command: Callable[..., Any]) -> Callable[..., Any]:
    """A command that runs programs: ``kind`` and ``consent`` say in which sandbox."""
    for option in reversed(sandbox_options):
        command = option(command)
    return command


def with_task(command: Callable[..., Any]) -> Callable[..., Any]:
    """A command that uses an evaluator: ``options``, ``data``, ``data_root`` and ``limit`` say what."""
    for option in reversed(task_options):
        command = option(command)
    return command
