"""CWE-798: a password in the source of the program."""

import ast
import re
from collections.abc import Iterator

from astraios_ray.tasks.security.finding import Finding
from astraios_ray.tasks.security.python.python_reading import calls, finding_at, text
from astraios_ray.tasks.security.rules import PYTHON_RULES

_SECRET = re.compile(
    r"pass(wd|word|phrase)?$|pwd$|secret(_?key)?$|(auth|api|access)_?(token|key)$", re.IGNORECASE
)
_CONNECTS = ("MySQLdb.connect", "pymysql.connect")  # (host, user, password)


@PYTHON_RULES.add("cwe-798_HardcodedCredentials-a")
@PYTHON_RULES.add("cwe-798_HardcodedCredentials-b")
@PYTHON_RULES.add("cwe-798_HardcodedCredentials-c")
def hard_coded_credentials(tree: ast.Module) -> list[Finding]:
    """Non-empty text that is assigned to, or compared with, something named like a password."""
    return [
        finding_at(value, "a password stands in the program")
        for name, value in (*_named_values(tree), *_in_place(tree))
        if _SECRET.search(name) and text(value)
    ]


def _named_values(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Names and the values that they are bound to or compared with."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=targets, value=value):
                yield from ((_name(target), value) for target in targets)
            case ast.keyword(arg=str(name), value=value):
                yield name, value
            case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq()], comparators=[right]):
                yield _name(left), right
                yield _name(right), left
            case ast.Dict(keys=keys, values=values):
                yield from ((text(key) or "", value) for key, value in zip(keys, values, strict=True))
            case ast.arguments(args=arguments, defaults=[_, *_] as defaults):
                last = arguments[-len(defaults) :]
                yield from ((parameter.arg, value) for parameter, value in zip(last, defaults, strict=False))


def _in_place(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    return (
        ("passwd", call.args[2]) for call, name in calls(tree) if name in _CONNECTS and len(call.args) > 2
    )


def _name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str(key))):
            return key
    return ""
