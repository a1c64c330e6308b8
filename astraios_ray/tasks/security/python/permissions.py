"""CWE-732: a file that users other than its owner can read or change."""

import ast

from astraios_ray.tasks.security.finding import Finding
from astraios_ray.tasks.security.python.python_reading import argument, calls, finding_at, whole_number
from astraios_ray.tasks.security.rules import PYTHON_RULES

_PLACES = {"os.chmod": 1, "os.fchmod": 1, "os.lchmod": 1, "os.open": 2, "os.mkdir": 1, "?.chmod": 0}
_TOO_MUCH = 0o027  # anything for others, writing for the group


@PYTHON_RULES.add("WeakFilePermissions")
def weak_permissions(tree: ast.Module) -> list[Finding]:
    """A constant mode that gives others any right, or the group the right to write."""
    return [
        finding_at(call, f"mode {mode:o} is open to others")
        for call, name in calls(tree)
        if name in _PLACES
        if (mode := whole_number(argument(call, _PLACES[name], "mode"))) is not None and mode & _TOO_MUCH
    ]
