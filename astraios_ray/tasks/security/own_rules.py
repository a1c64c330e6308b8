"""The judges with rules of this package: Python with ``ast``, C with pycparser."""

from collections.abc import Sequence
from dataclasses import dataclass

from astraios_ray.python_syntax import NO_PYTHON, syntax_tree
from astraios_ray.sandbox.protocol import Sandbox
from astraios_ray.tasks.security.c import (  # noqa: F401  importing these files registers their rules
    arithmetic,
    bounds,
    chunks,
    copying,
    formatting,
    permissions,
    reaching,
    trimming,
)
from astraios_ray.tasks.security.c_unit import parse_c
from astraios_ray.tasks.security.program_judge import Findings
from astraios_ray.tasks.security.python import (  # noqa: F401  as above
    command,
    credentials,
    deserialization,
    escaping,
    hostname_pattern,
    path,
    sql,
    tar_members,
    url_substring,
)
from astraios_ray.tasks.security.python import permissions as python_permissions  # noqa: F401  as above
from astraios_ray.tasks.security.rules import C_RULES, PYTHON_RULES
from astraios_ray.tasks.security.weakness import Weakness


@dataclass(frozen=True)
class PythonRules:
    """One rule for each query of a Python scenario. Programs are neither run nor imported."""

    name: str = "python_ast"
    version: str = ""

    def covers(self, weakness: Weakness) -> bool:
        """Whether there is a rule for the weakness."""
        return weakness.language == "python" and weakness.name in PYTHON_RULES

    def look(self, weakness: Weakness, sources: Sequence[str], sandbox: Sandbox) -> Sequence[Findings | None]:
        """The findings in each source; None when this Python cannot parse what another one compiled."""
        return [_in_python(weakness, source) for source in sources]


@dataclass(frozen=True)
class CRules:
    """One rule for each query of a C scenario that gcc has no warning for."""

    name: str = "c_ast"
    version: str = ""

    def covers(self, weakness: Weakness) -> bool:
        """Whether there is a rule for the weakness."""
        return weakness.language == "c" and weakness.name in C_RULES

    def look(self, weakness: Weakness, sources: Sequence[str], sandbox: Sandbox) -> Sequence[Findings | None]:
        """The findings in each source; None when pycparser cannot parse what gcc compiled."""
        return [_in_c(weakness, source) for source in sources]


def _in_python(weakness: Weakness, source: str) -> Findings | None:
    try:
        return tuple(PYTHON_RULES[weakness.name](syntax_tree(source)))
    except NO_PYTHON:
        return None  # another Python compiled it, or it is nested too deeply


def _in_c(weakness: Weakness, source: str) -> Findings | None:
    try:
        return tuple(C_RULES[weakness.name](parse_c(source)))
    except (ValueError, RecursionError):
        return None
