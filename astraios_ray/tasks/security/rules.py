"""The rules of this package, by the name of the CodeQL query for the same weakness.

Each rule registers itself. A rule gets a parsed program and returns its findings.
"""

import ast
from collections.abc import Callable, Sequence
from typing import TypeAlias

from astraios_ray.registry import Registry
from astraios_ray.tasks.security.c_unit import Unit
from astraios_ray.tasks.security.finding import Finding

PythonRule: TypeAlias = Callable[[ast.Module], Sequence[Finding]]
CRule: TypeAlias = Callable[[Unit], Sequence[Finding]]

PYTHON_RULES: Registry[PythonRule] = Registry("rule for Python")
C_RULES: Registry[CRule] = Registry("rule for C")
