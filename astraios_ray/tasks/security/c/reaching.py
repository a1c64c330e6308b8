"""CWE-78 and CWE-22: text from outside as a command, or as the path of a file."""

from collections.abc import Mapping

from pycparser import c_ast

from astraios_ray.tasks.security.c.c_reading import calls, finding_at, names
from astraios_ray.tasks.security.c.taint import ROOTS, Flows, flows, origins, text_names
from astraios_ray.tasks.security.c_unit import Unit
from astraios_ray.tasks.security.finding import Finding
from astraios_ray.tasks.security.rules import C_RULES

Places = Mapping[str, tuple[int, ...]]  # function -> indices of its arguments

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
    """``system`` or ``popen`` with such text, whose characters no function checks before."""
    return _reached(unit, _COMMANDS, _LETTERS, "a command with text of the command line")


@C_RULES.add("TaintedPath")
def tainted_path(unit: Unit) -> list[Finding]:
    """A file opened by such text, which is not resolved or checked for ``..`` or a slash before."""
    return _reached(unit, _PATHS, _STEPS, "a path with text of the command line")


def _reached(unit: Unit, sinks: Places, checks: frozenset[str], message: str) -> list[Finding]:
    return [
        finding_at(call, message)
        for function in unit.functions()
        for text_flows in [flows(function)]
        for call, name, values in calls(function)
        for place in sinks.get(name, ())
        if place < len(values)
        for sources in [origins(text_names(values[place]), text_flows)]
        if sources & ROOTS and not _checked_before(call, sources, function, checks, text_flows)
    ]


def _checked_before(
    sink: c_ast.FuncCall,
    sources: set[str],
    function: c_ast.FuncDef,
    checks: frozenset[str],
    text_flows: Flows,
) -> bool:
    """Whether one of ``checks`` gets that text, or a source of it, before the sink."""
    for call, name, values in calls(function):
        if call is sink:
            return False
        arguments = {argument for value in values for argument in names(value)}
        if name in checks and origins(arguments, text_flows) & sources:
            return True
    return False
