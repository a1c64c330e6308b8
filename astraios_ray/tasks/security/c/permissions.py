"""CWE-732: a file that everyone can write to."""

from pycparser import c_ast

from astraios_ray.tasks.security.c.c_reading import calls, finding_at, number, text
from astraios_ray.tasks.security.c_unit import Unit
from astraios_ray.tasks.security.finding import Finding
from astraios_ray.tasks.security.rules import C_RULES

_PLACES = {"open": 2, "openat": 3, "creat": 1, "mkdir": 1, "mkfifo": 1}
_SET = {"chmod": 1, "fchmod": 1, "fchmodat": 2}  # no umask applies
_BY_FOPEN = 0o666
_OTHERS_WRITE = 0o002


@C_RULES.add("DoNotCreateWorldWritable")
def world_writable(unit: Unit) -> list[Finding]:
    """A mode with S_IWOTH that no earlier ``umask`` of the same function removes.

    ``fopen`` for writing makes files of mode 0666, so it is flagged too without such an ``umask``, as by the
    query. A mode that is no constant is not flagged.
    """
    findings = list[Finding]()
    for function in unit.functions():
        mask = 0
        for call, name, values in calls(function.body):
            if name == "umask" and values:
                mask = number(values[0]) or 0
            mode = _mode(name, values)
            if mode is not None and mode & ~(0 if name in _SET else mask) & _OTHERS_WRITE:
                findings.append(finding_at(call, f"{name} lets everyone write: mode {mode:o}"))
    return findings


def _mode(name: str, values: list[c_ast.Node]) -> int | None:
    place = _PLACES.get(name, _SET.get(name))
    if place is not None:
        return number(values[place]) if place < len(values) else None
    if name == "fopen" and len(values) > 1 and (text(values[1]) or "r")[0] in "wa":
        return _BY_FOPEN
    return None
