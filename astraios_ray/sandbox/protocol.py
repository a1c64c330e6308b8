"""What every sandbox promises."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
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
    output_kib: int = 1024  # that a whole program may print, on each of its two outputs

    def numbers(self) -> dict[str, int]:
        """What the jail itself must know; time on the wall is looked after outside of it."""
        return {name: value for name, value in asdict(self).items() if name != "wall_seconds"}


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
class JavaCheck:
    """An untrusted Java class ``Solution`` and a trusted class ``Main`` that tests it.

    ``test`` declares ``Main`` with a ``main`` that makes a Solution, calls it and throws when it is not
    content, as HumanEvalPack's Java tests do. Both are whole source files.
    """

    source: str
    test: str


@dataclass(frozen=True)
class ProgramCheck:
    """An untrusted whole program, judged by what it prints for what it reads.

    ``language`` is python, c or java (a class with ``main``). Line ends and blanks at the end of lines do
    not matter; exit status 0 is asked for.
    """

    language: str
    source: str
    stdin: str
    expected: str


@dataclass(frozen=True)
class CompileCheck:
    """An untrusted source that only has to compile: python, c or java. PASSED when it does.

    ``flags`` go to the compiler (gcc). What the compiler says is in ``Execution.output``.
    """

    language: str
    source: str
    flags: tuple[str, ...] = ()


LANGUAGES = ("python", "c", "java")
Check = FunctionCheck | JavaCheck | ProgramCheck | CompileCheck


@dataclass(frozen=True)
class Execution:
    """How a check ended. Whatever the program did, that is an answer and never an exception."""

    outcome: Outcome  # never UNSCORED
    detail: str = ""  # at most 300 characters, written partly by the untrusted program
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0  # of the untrusted process
    output: str = ""  # what a compiler said, at most 64 KiB


class Sandbox(Protocol):
    """A place where programs that nobody trusts are judged.

    An implementation is a value: it can be pickled and used from any thread or process.
    """

    def run_checks(self, checks: Sequence[Check], limits: Limits) -> Sequence[Execution]:
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
