"""``astraios-ray completion``: the script by which a shell completes commands and options."""

import click
from click.shell_completion import get_completion_class

from astraios_ray.cli.main import cli

SHELLS = ("bash", "zsh", "fish")
PROGRAM = "astraios-ray"
VARIABLE = "_ASTRAIOS_RAY_COMPLETE"  # which click derives from the program's name


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print the script that completes this program's commands and options in SHELL.

    bash: put eval "$(astraios-ray completion bash)" into ~/.bashrc; zsh: the same into ~/.zshrc with zsh;
    fish: write it to ~/.config/fish/completions/astraios-ray.fish.
    """
    shell_class = get_completion_class(shell)
    assert shell_class, f"click has no completion of {shell}"
    click.echo(shell_class(cli, {}, PROGRAM, VARIABLE).source())
