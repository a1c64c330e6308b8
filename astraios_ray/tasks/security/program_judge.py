"""What every judge of programs promises."""

from collections.abc import Sequence
from typing import Protocol, TypeAlias

from astraios_ray.sandbox.protocol import Sandbox
from astraios_ray.tasks.security.finding import Finding
from astraios_ray.tasks.security.weakness import Weakness

Findings: TypeAlias = tuple[Finding, ...]


class Judge(Protocol):
    """Looks for one weakness in programs that compile. A value: it can be used from any thread."""

    @property
    def name(self) -> str:
        """As it stands in scores: ``python_ast``."""
        ...

    @property
    def version(self) -> str:
        """Of the tool behind it; empty for rules of this package."""
        ...

    def covers(self, weakness: Weakness) -> bool:
        """Whether it can tell programs with this weakness from those without."""
        ...

    def look(self, weakness: Weakness, sources: Sequence[str], sandbox: Sandbox) -> Sequence[Findings | None]:
        """What it found in each source, in order. None where it could not read one: that is no clean bill.

        Raises SandboxError when the sandbox, or the tool behind the judge, breaks.
        """
        ...
