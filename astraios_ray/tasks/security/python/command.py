"""CWE-78: a shell command with unquoted values."""

import ast

from astraios_ray.tasks.security.finding import Finding
from astraios_ray.tasks.security.python.python_reading import (
    argument,
    assigned,
    calls,
    finding_at,
    is_true,
    keyword,
)
from astraios_ray.tasks.security.rules import PYTHON_RULES

_SHELL = ("os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput", "commands.getoutput")
_RUNS = tuple(f"subprocess.{name}" for name in ("run", "call", "check_call", "check_output", "Popen"))
_QUOTES = ("quote", "int", "float")


@PYTHON_RULES.add("CommandInjection")
def command_injection(tree: ast.Module) -> list[Finding]:
    """``os.system``, ``shell=True`` and similar calls, with a command that is neither constant nor quoted."""
    values = assigned(tree)
    return [
        finding_at(call, f"{name} lets the shell read a value")
        for call, name in calls(tree)
        if name in _SHELL or (name in _RUNS and is_true(keyword(call, "shell")))
        if (command := argument(call, 0, "args")) is not None and not _constant(command, values, set())
    ]


def _constant(node: ast.expr, values: dict[str, list[ast.expr]], visited: set[str]) -> bool:
    """Whether the text is constant in the program, or quoted for the shell."""
    match node:
        case ast.Constant():
            return True
        case ast.JoinedStr(values=parts) | ast.List(elts=parts) | ast.Tuple(elts=parts):
            return all(_constant(part, values, visited) for part in parts)
        case ast.FormattedValue(value=value):
            return _constant(value, values, visited)
        case ast.BinOp(left=left, right=right):
            return _constant(left, values, visited) and _constant(right, values, visited)
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)) if name in _QUOTES:
            return True
        case ast.Call(func=ast.Attribute(value=template, attr="format"), args=args):
            return all(_constant(part, values, visited) for part in (template, *args))
        case ast.Name(id=name) if name in visited:
            return True  # its other values are being checked
        case ast.Name(id=name) if name in values:
            return all(_constant(value, values, visited | {name}) for value in values[name])
    return False
