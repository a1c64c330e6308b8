"""The interface of every sandbox, and the checks that it judges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from astraios_ray.records import Outcome, Value


@dataclass(frozen=True)
class Limits:
    """The resources of one untrusted process. Both processes of a check have the same limits."""

    wall_seconds: float = 10.0  # of the whole check, long enough for a loaded machine
    cpu_seconds: int = 3
    memory_mib: int = 512  # address space
    disk_mib: int = 32  # of /tmp, which is memory too
    file_mib: int = 16  # of one file
    processes: int = 24  # and threads, of both processes of a check together
    files: int = 64  # open descriptors
    output_kib: int = 1024  # of a whole program, on each of its two outputs

    def numbers(self) -> dict[str, int]:
        """The limits that the jail enforces; wall time is enforced outside of it."""
        return {name: value for name, value in vars(self).items() if name != "wall_seconds"}


@dataclass(frozen=True)
class FunctionCheck:
    """An untrusted function and a trusted test of it.

    ``source`` is the untrusted program; it must bind ``entry_point``. ``test`` is trusted Python that runs
    by itself: it calls the function by the name ``entry_point`` or ``candidate`` and raises for a wrong one.
    ``prelude`` is trusted Python that runs before the test and defines the names that the test needs.
    With ``one_process`` both run in one process, where a hostile program can pass: only for a problem whose
    own reference gives values that cannot cross. ``warm`` are modules of packages that the jail imports once
    for all checks, since that takes long; those that it lacks are left out.
    """

    source: str
    entry_point: str
    test: str
    prelude: str = ""
    one_process: bool = False
    warm: tuple[str, ...] = ()


@dataclass(frozen=True)
class JavaCheck:
    """An untrusted Java class ``Solution`` and a trusted class ``Main`` that tests it.

    ``test`` declares ``Main`` with a ``main`` that makes a Solution, calls it and throws when it is wrong, as
    HumanEvalPack's Java tests do. Both are whole source files.
    """

    source: str
    test: str


@dataclass(frozen=True)
class UnitTestCheck:
    """An untrusted function in C++, JavaScript, Go or Rust, and a trusted unit test of it.

    ``signature`` declares the function as HumanEvalPack's rows do, so its types say which values cross
    between the two. ``test`` is trusted code that calls the function; ``helpers``, too, stand in front of it.
    ``standard`` is that of C++.
    """

    language: str  # cpp, js, go or rust
    source: str
    signature: str
    test: str
    helpers: str = ""
    standard: str = "c++11"  # or c++17


@dataclass(frozen=True)
class ProgramCheck:
    """An untrusted whole program, judged by its output for its input.

    ``language`` is python, c or java (a class with ``main``). Line ends and blanks at the end of lines do not
    matter; the exit status must be 0. With ``numbers`` lines of equal numbers are equal, as 1 and 1.0 are,
    and blanks around a line do not matter.
    """

    language: str
    source: str
    stdin: str
    expected: str
    numbers: bool = False


@dataclass(frozen=True)
class CompileCheck:
    """An untrusted source that only has to compile: python, c or java. PASSED when it does.

    ``flags`` go to the compiler (gcc). The compiler's messages are in ``Execution.output``.
    """

    language: str
    source: str
    flags: tuple[str, ...] = ()


LANGUAGES = ("python", "c", "java")
Check = FunctionCheck | JavaCheck | UnitTestCheck | ProgramCheck | CompileCheck


@dataclass(frozen=True)
class Execution:
    """How a check ended. Whatever a program does is an Execution, never an exception."""

    outcome: Outcome  # never UNSCORED
    detail: str = ""  # at most 300 characters, written partly by the untrusted program
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0  # of the untrusted process
    output: str = ""  # a compiler's messages, at most 64 KiB


class Sandbox(Protocol):
    """A place where untrusted programs are judged.

    An implementation is a value, which can be pickled and used from any thread or process.
    """

    def run_checks(self, checks: Sequence[Check], limits: Limits) -> Sequence[Execution]:
        """Judge every check in order, isolated from the others.

        Raises SandboxError when the sandbox itself breaks, SandboxUnavailable when this machine cannot
        isolate, DataError when a test or a prelude is itself broken.
        """
        ...

    def check(self) -> None:
        """Judge a right and a wrong program. Raises SandboxUnavailable, which names what is missing."""
        ...

    def describe(self) -> Mapping[str, Value]:
        """What a score records: level of isolation, versions, packages, hash of the policy."""
        ...
