"""What a language gives, so that its functions are judged by unit tests.

A test and the function that it tests are two programs. Where the test calls the function, it calls a stand-in
with the same signature, which sends the arguments over the wall and waits for the value.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from astraios_ray.sandbox.jail import wire
from astraios_ray.sandbox.jail.program import THEN
from astraios_ray.sandbox.policy import ENVIRONMENT
from astraios_ray.sandbox.programs import Job
from astraios_ray.sandbox.protocol import Limits, UnitTestCheck
from astraios_ray.sandbox.roots import Root

# How the process of a test ends, beside 0, which says that the test returned after at least one call.
RAISED, VACUOUS, GONE, PROTOCOL, LOAD_ERROR, NO_ENTRY = 11, 12, 13, 14, 15, 16


@dataclass(frozen=True)
class Half:
    """The sources of a test or of a function, and the commands that make /tmp/out of them in /tmp."""

    files: Mapping[str, str]
    commands: tuple[tuple[str, ...], ...] = ()  # none: what runs is the files themselves

    def packed(self) -> bytes:
        """The files as the payload of a job."""
        return wire.dumps({name: text.encode(errors="replace") for name, text in self.files.items()})

    def compile_job(self) -> Job:
        """The job that runs the commands."""
        arguments = [word for command in self.commands for word in (THEN, *command)][1:]
        return Job(
            "compiler",
            self.packed(),
            filter="compiler",
            arguments=tuple(arguments),
            environment=ENVIRONMENT,
        )


class Language(Protocol):
    """One language. Every method raises SandboxUnavailable, which names what is missing on this machine."""

    @property
    def name(self) -> str:
        """As HumanEvalPack names it."""
        ...

    def compiler_root(self, as_user: tuple[str, ...], /) -> Root:
        """The files that its compilers need."""
        ...

    def program_root(self, as_user: tuple[str, ...], /) -> Root:
        """The files that a running program needs."""
        ...

    def test_half(self, check: UnitTestCheck) -> Half:
        """The test, on a stand-in of the function. Raises DataError for a signature that is none."""
        ...

    def function_half(self, check: UnitTestCheck) -> Half:
        """The untrusted program, and the loop that answers calls of its function."""
        ...

    def job(self, program: bytes, limits: Limits) -> Job:
        """The job that runs a half; its descriptor 3 is the wall."""
        ...

    def compiler_limits(self, limits: Limits) -> Limits:
        """The limits of its compilers, from those of a check."""
        ...

    def program_limits(self, limits: Limits) -> Limits:
        """The limits of a running half, from those of a check."""
        ...
