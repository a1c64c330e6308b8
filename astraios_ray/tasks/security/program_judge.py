"""The interface of a judge of programs."""

from collections.abc import Sequence
from typing import Protocol, TypeAlias

from astraios_ray.sandbox.protocol import Sandbox
from astraios_ray.tasks.security.finding import Finding
from astraios_ray.tasks.security.weakness import Weakness

Findings: TypeAlias = tuple[Finding, ...]


class Judge(Protocol):
    """Looks for one weakness in programs that compile. It is immutable, so any thread can use it."""

    @property
    def name(self) -> str:
        """The name in scores, such as ``python_ast``."""
        ...

    @property
    def version(self) -> str:
        """The version of the judge's tool; empty for rules of this package."""
        ...

    def covers(self, weakness: Weakness) -> bool:
        """Whether the judge can tell programs with this weakness from those without."""
        ...

    def look(self, weakness: Weakness, sources: Sequence[str], sandbox: Sandbox) -> Sequence[Findings | None]:
        """The findings in each source, in order; None for a source that could not be read, never for clean.

        Raises SandboxError when the sandbox, or the tool behind the judge, breaks.
        """
        ...
