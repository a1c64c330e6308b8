"""CWE-78 and CWE-22: text of the command line as a command, or as the path of a file."""

from collections.abc import Mapping

from pycparser import c_ast

from astraios_ray.tasks.security.c.c_reading import calls, found, names
from astraios_ray.tasks.security.c.taint import ROOTS, Flows, flows, origins, text_names
from astraios_ray.tasks.security.c_unit import Unit
from astraios_ray.tasks.security.finding import Finding
from astraios_ray.tasks.security.rules import C_RULES

Places = Mapping[str, tuple[int, ...]]  # function -> which of its arguments

_COMMANDS: Places = dict.fromkeys(("system", "popen", "wordexp", "execl", "execlp", "execv", "execvp"), (0,))
_PATHS: Places = {
    **dict.fromkeys(("fopen", "open", "freopen", "opendir", "creat", "remove", "unlink", "chmod"), (0,)),
    "rename": (0, 1),
    "link": (0, 1),
    "openat": (1,),
}
_LETTERS = frozenset(
    {"isalnum", "isalpha", "isdigit", "strspn", "strcspn", "strpbrk", "strchr", "regexec", "strcmp"}
)
_STEPS = frozenset({"strstr", "strchr", "strrchr", "strpbrk", "strcspn", "strspn", "realpath", "basename"})


@C_RULES.add("ExecTainted")
def tainted_command(unit: Unit) -> list[Finding]:
    """``system`` or ``popen`` of such text, whose letters nothing looked at."""
    return _reached(unit, _COMMANDS, _LETTERS, "a command with text of the command line")


@C_RULES.add("TaintedPath")
def tainted_path(unit: Unit) -> list[Finding]:
    """A file opened by such text in which nothing looked for ``..`` or a slash, and that is not resolved."""
    return _reached(unit, _PATHS, _STEPS, "a path with text of the command line")


def _reached(unit: Unit, sinks: Places, checks: frozenset[str], what: str) -> list[Finding]:
    return [
        found(call, what)
        for function in unit.functions()
        for known in [flows(function)]
        for call, name, values in calls(function)
        for place in sinks.get(name, ())
        if place < len(values)
        for held in [origins(text_names(values[place]), known)]
        if held & ROOTS and not _checked_before(call, held, function, checks, known)
    ]


def _checked_before(
    sink: c_ast.FuncCall, held: set[str], function: c_ast.FuncDef, checks: frozenset[str], known: Flows
) -> bool:
    """Whether one of ``checks`` was given that text, or what it is made of, in front of the sink."""
    for call, name, values in calls(function):
        if call is sink:
            return False
        given = {one for value in values for one in names(value)}
        if name in checks and origins(given, known) & held:
            return True
    return False
