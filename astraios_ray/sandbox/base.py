"""What every sandbox promises."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from astraios_ray.records import Outcome, Value


@dataclass(frozen=True)
class Limits:
    """What one untrusted process may use. Both processes of a check get the same limits."""

    wall_seconds: float = 10.0  # for the whole check; a loaded machine is not the program's fault
    cpu_seconds: int = 3
    memory_mib: int = 512  # address space
    disk_mib: int = 32  # of /tmp, which is memory too
    file_mib: int = 16  # of one file
    processes: int = 24  # threads included, over both processes of a check
    files: int = 64  # open descriptors


@dataclass(frozen=True)
class FunctionCheck:
    """An untrusted function and a trusted test of it.

    ``source`` is the untrusted program; it must bind ``entry_point``. ``test`` is trusted Python that runs
    by itself: it calls the function by the name ``entry_point`` or ``candidate`` and raises when it is not
    content. ``prelude`` is trusted Python that is run before it, for the names that the test needs.
    """

    source: str
    entry_point: str
    test: str
    prelude: str = ""


@dataclass(frozen=True)
class Execution:
    """How a check ended. Whatever the program did, that is an answer and never an exception."""

    outcome: Outcome  # never UNSCORED
    detail: str = ""  # at most 300 characters, written partly by the untrusted program
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0  # of the untrusted process


class Sandbox(Protocol):
    """A place where programs that nobody trusts are judged.

    An implementation is a value: it can be pickled and used from any thread or process.
    """

    def check_functions(self, checks: Sequence[FunctionCheck], limits: Limits) -> Sequence[Execution]:
        """Judge every check, in order and isolated from the others.

        Raises SandboxError when the sandbox itself breaks, SandboxUnavailable when this machine cannot
        isolate, DataError when a test or a prelude is itself broken.
        """
        ...

    def check(self) -> None:
        """Judge something the way all is judged. SandboxUnavailable names what is missing here."""
        ...

    def describe(self) -> Mapping[str, Value]:
        """What a score must say of it: level of isolation, versions, hash of the policy."""
        ...
