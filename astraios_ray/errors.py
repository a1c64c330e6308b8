"""Every error this package raises on purpose, in one tree.

AstraiosError            exit code 1
├── ConfigError          2   a file, flag or name that the user wrote does not say what it must
│   ├── UnknownName      2   a name was looked up that nothing registered
│   └── BrokenPlugIn     2   a name was looked up whose plug-in cannot be used
├── DataError            2   a row of training or evaluation data is not usable; says which row and why
├── StudyChanged         2   the run folder holds another study than the one given
├── TornFile             1   a file of the run folder is damaged; never taken for an empty one
├── SandboxUnavailable   5   this machine cannot isolate untrusted programs
├── SandboxError         1   the sandbox itself broke; the program under test did not
├── NothingRanked        1   a study ended without one trial that could be ranked
├── EvalTaskFailed       1   models could not be scored; the others were, and the same command tries again
├── LaneBroken           1   this worker can train no trial: no disk space, no accelerator
├── LaneLost             1   no worker is left that could train
├── RayLost              1   processes of Ray itself ended during a search
├── RayUnavailable       1   Ray could not be started here, or a cluster not be joined
└── Interrupted        130   the user stopped the study; its state is saved
"""

from collections.abc import Callable, Sequence
from typing import ClassVar


class AstraiosError(Exception):
    """Base of all errors raised on purpose by this package.

    ``arguments`` are the arguments of a function of the Python API that the message names in backticks.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str = "", *, arguments: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.arguments = tuple(arguments)

    def rename_arguments(self, name_of: Callable[[str], str]) -> None:
        """Name the arguments otherwise: ``fresh`` is ``--fresh`` on the command line."""
        message = str(self)
        for argument in self.arguments:
            message = message.replace(f"`{argument}`", name_of(argument))
        self.args, self.arguments = (message,), ()


class ConfigError(AstraiosError):
    """A file, flag or name that the user wrote does not say what it must."""

    exit_code = 2


class UnknownName(ConfigError, LookupError):
    """A name was looked up that nothing registered."""


class BrokenPlugIn(ConfigError):
    """A name was looked up whose plug-in cannot be used. The message names the plug-in and its fault."""


class DataError(AstraiosError):
    """A row of data is not usable. The message names the file, the row and the reason."""

    exit_code = 2


class StudyChanged(AstraiosError):
    """The run folder holds another study than the one that was given."""

    exit_code = 2


class TornFile(AstraiosError):
    """A file of the run folder is damaged. It is never taken for an empty or a new one."""


class SandboxUnavailable(AstraiosError):
    """This machine cannot isolate untrusted programs, so none is run."""

    exit_code = 5


class SandboxError(AstraiosError):
    """The sandbox broke, which says nothing about the program it was to run."""


class NothingRanked(AstraiosError):
    """A study ended without one trial that could be ranked: all failed or diverged."""


class EvalTaskFailed(AstraiosError):
    """Models could not be scored. The others were; the same command tries these again."""


class LaneBroken(AstraiosError):
    """This worker can train no trial: its disk is full or its accelerator broke. No trial is to blame."""


class LaneLost(AstraiosError):
    """No worker is left that could train."""


class RayLost(AstraiosError):
    """Processes of Ray itself, or the dispatcher, ended. A search that begins anew goes on."""


class RayUnavailable(AstraiosError):
    """Ray could not be started here, or the named cluster could not be joined."""


class Interrupted(AstraiosError):
    """The user stopped the study. What was done is saved, and the same command goes on."""

    exit_code = 130
