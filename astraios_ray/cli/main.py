"""``astraios-ray``: the commands by name, loaded when they are called, and the exit code of each ending.

Exit codes: 0 done, 1 failed, 2 a mistake in a file or flag, 4 nothing of a plan fits into the memory, 5 no
sandbox on this machine, 130 interrupted.
Results go to stdout, messages and logs to stderr. Every option can also be given as an environment variable:
``ASTRAIOS_RAY_PLAN_AS_JSON=1``.
"""

import atexit
import difflib
import errno
import gc
import importlib
import logging
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from astraios_ray import __version__
from astraios_ray.errors import AstraiosError, Interrupted
from astraios_ray.importing import EAGER
from astraios_ray.secret_masks import mask_secrets
from astraios_ray.studies.parent_pipe import PARENT

COMMANDS: Mapping[str, tuple[str, str]] = {  # name -> where it is, what it does
    "search": ("astraios_ray.cli.search:search", "Run a study, or go on with it."),
    "plan": ("astraios_ray.cli.plan:plan", "Say what a study would run and what it would cost."),
    "status": ("astraios_ray.cli.status:status", "Say how far a study is."),
    "report": ("astraios_ray.cli.report:report", "Make a study's report anew."),
    "explain": ("astraios_ray.cli.explain:explain", "Say in plain words what a study found."),
    "best": ("astraios_ray.cli.best:best", "Print the best trial."),
    "compare": ("astraios_ray.cli.compare:compare", "Put studies side by side."),
    "reproduce": ("astraios_ray.cli.reproduce:reproduce", "Run a trial again: does it come out the same?"),
    "export": ("astraios_ray.cli.export:export", "Write a trial's adapter, or the merged model."),
    "ood": ("astraios_ray.cli.ood:ood", "Relate studies that were trained without a region."),
    "methods": ("astraios_ray.cli.methods:methods", "List the fine-tuning methods."),
    "models": ("astraios_ray.cli.models:models", "List the base models."),
    "evaluators": ("astraios_ray.cli.evaluators:evaluators", "List what models can be asked."),
    "evaluate": ("astraios_ray.cli.evaluate:evaluate", "Have a model answer an evaluator, and score it."),
    "score": ("astraios_ray.cli.score:score", "Score generations that exist already."),
    "judge": ("astraios_ray.cli.judge:judge", "Judge programs in the sandbox."),
    "perturb": ("astraios_ray.cli.perturb:perturb", "Change problems without changing what they ask for."),
    "doctor": ("astraios_ray.cli.doctor:doctor", "Check what this machine can do."),
    "schema": ("astraios_ray.cli.schema:schema", "Print the JSON schema of study files."),
    "completion": ("astraios_ray.cli.completion:completion", "Print a shell's completion script."),
}
STORAGE = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS)  # errors of the disk, not of the user
NO_PLACE = (  # of a path that the user gave
    errno.EACCES,
    errno.EPERM,
    errno.ENOENT,
    errno.ENOTDIR,
    errno.EISDIR,
    errno.EEXIST,
    errno.ELOOP,
    errno.ENAMETOOLONG,
)
ANOTHER_PLACE = "Give another path, or make this one usable; `--log-level debug` shows where it was needed."
GO_ON = "What was done before is kept; once the disk takes more, the same command goes on."
SHOWN_PACKAGES = ("ray", "torch", "peft", "transformers", "optuna", "mlflow")


class LazyGroup(click.Group):
    """A group that imports a command when it is called, and none of them for ``--help``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order in which they are useful."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now; None for an unknown name, which click explains."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that ``args`` begin with; an unknown one is an error with the nearest name."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            matches = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean {matches[0]!r}?" if matches else ""
            ctx.fail(f"No such command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. An error names options where it names arguments of the Python API."""
        try:
            return super().invoke(ctx)
        except AstraiosError as error:
            from astraios_ray.cli.shared_options import option_of

            error.rename_arguments(option_of)
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table of commands, from their one-line descriptions here."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


def _versions(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if not value:
        return
    from importlib.metadata import PackageNotFoundError, version

    click.echo(f"astraios-ray {__version__}\npython {platform.python_version()}")
    for package in SHOWN_PACKAGES:
        try:
            click.echo(f"{package} {version(package)}")
        except PackageNotFoundError:
            click.echo(f"{package} not installed")
    ctx.exit()


@click.group(cls=LazyGroup, context_settings={"auto_envvar_prefix": "ASTRAIOS_RAY"})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_versions, help="Print versions."
)
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="warning",
    show_default=True,
    help="How much is logged on stderr.",
)
def cli(log_level: str) -> None:
    """Search over fine-tuning methods for code language models, on Ray.

    Begin with: astraios-ray plan quickstart, then astraios-ray search quickstart.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(MaskingFormatter("%(levelname)s %(name)s: %(message)s"))
    logger = logging.getLogger("astraios_ray")  # not the root: other packages print their own
    logger.handlers[:] = [handler]
    logger.setLevel(log_level.upper())


class MaskingFormatter(logging.Formatter):
    """Writes no secret of an address into a log, from whatever error it comes."""

    def format(self, record: logging.LogRecord) -> str:
        """See logging.Formatter."""
        return mask_secrets(super().format(record))


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and exit. An expected error is one message; an unexpected one a traceback."""
    for name, value in EAGER.items():
        os.environ.setdefault(name, value)
    atexit.register(gc.freeze)  # else a last collection scans torch and Ray for seconds
    code = 1  # of an unexpected error
    try:
        code = _exit_code(args)
    finally:
        PARENT.tell(code=code)
    sys.exit(code)


def _exit_code(args: Sequence[str] | None) -> int:
    """The exit code of the command line, whose error is printed. ``args``: None for those of this process."""
    try:
        code = cli.main(args, prog_name="astraios-ray", standalone_mode=False, obj=args is None)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        return Interrupted.exit_code
    except AstraiosError as error:
        text = mask_secrets(str(error))
        click.echo(f"Error: {text}" if "\n" not in text else f"Errors:\n{text}", err=True)
        return error.exit_code
    except BrokenPipeError:  # the reader of stdout left, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        if error.errno not in (*STORAGE, *NO_PLACE):
            raise
        logging.getLogger("astraios_ray").debug("The operating system refused.", exc_info=True)
        click.echo(f"Error: {_refusal(error)}", err=True)
        return 1 if error.errno in STORAGE else 2
    return code if isinstance(code, int) else 0


def _refusal(error: OSError) -> str:
    """What the operating system refused, where, and what to do."""
    path = error.filename2 or error.filename  # of a rename: where to
    where = f"{_shortened(str(path))}: " if path else ""
    advice = GO_ON if error.errno in STORAGE else ANOTHER_PLACE
    return f"{where}{error.strerror}. {advice}"


def _shortened(path: str) -> str:
    """``path``, without its middle where it is longer than any that can exist."""
    return path if len(path) <= 300 else f"{path[:100]}…{path[-100:]} ({len(path):,} characters)"
