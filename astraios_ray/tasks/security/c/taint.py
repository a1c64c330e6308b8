"""Which variables of a C program hold text from its command line or its input.

Every assignment to a variable counts, whatever the order.
"""

from collections.abc import Iterable
from typing import TypeAlias

from pycparser import c_ast

from astraios_ray.tasks.security.c.c_reading import assignments, calls, name_of, text, walk

Flows: TypeAlias = list[tuple[str, set[str]]]  # a variable, and the variables whose text it gets

ROOTS = frozenset({"argv", "getenv", "gets", "readline", "stdin"})
_FILLS = {"fgets": 2, "getline": 2, "fscanf": 0, "fread": 3}  # the index of the stream argument
_COPIES = (
    *("strcpy", "strncpy", "strcat", "strncat", "strlcpy", "strlcat", "memcpy", "memmove"),
    *("sprintf", "snprintf", "asprintf", "stpcpy", "realpath"),
)
_PASSES = (
    *("strdup", "strndup", "strtok", "strchr", "strrchr", "strstr"),
    *("basename", "dirname", "strcpy", "strcat"),
)


def text_names(node: c_ast.Node) -> set[str]:
    """The variables whose text is in the value of an expression, and functions that read text.

    A number parsed from a text, a file that it names and a comparison of it are not that text.
    """
    match node:
        case c_ast.ID():
            return {node.name}
        case c_ast.ArrayRef():
            return text_names(node.name)
        case c_ast.FuncCall():
            name, values = name_of(node.name), list(node.args.exprs) if node.args else []
            return {name} & ROOTS | (_of(values) if name in _PASSES else set())
        case c_ast.UnaryOp(op="*" | "&" | "p++" | "++") | c_ast.Cast():
            return text_names(node.expr)
        case c_ast.BinaryOp(op="+" | "-"):
            return _of((node.left, node.right))
        case c_ast.TernaryOp():
            return _of((node.iftrue, node.iffalse))
        case c_ast.Assignment():
            return text_names(node.rvalue)
    return set()


def flows(tree: c_ast.Node) -> Flows:
    """Every flow of text from one variable to another."""
    by_assignment = [(name, text_names(value)) for part in walk(tree) for name, value in assignments(part)]
    by_call = [flow for _, name, values in calls(tree) for flow in _filled(name, values)]
    return [(name, names) for name, names in (*by_assignment, *by_call) if name and names]


def origins(names: set[str], text_flows: Flows) -> set[str]:
    """The names, and all names whose text they hold."""
    while True:
        more = {origin for name, sources in text_flows if name in names for origin in sources}
        if more <= names:
            return names
        names = names | more


def _of(nodes: Iterable[c_ast.Node]) -> set[str]:
    return {name for node in nodes for name in text_names(node)}


def _filled(function: str, values: list[c_ast.Node]) -> Flows:
    """The flows of text into the arguments of a call."""
    target = name_of(values[0].left if isinstance(values[0], c_ast.BinaryOp) else values[0]) if values else ""
    if function in _COPIES:
        return [(target, _of(values[1:]))]
    if function in ("scanf", "gets"):
        return [(name_of(value), {"stdin"}) for value in values if text(value) is None]
    place = _FILLS.get(function, len(values))
    if place < len(values) and name_of(values[place]) == "stdin":
        return [(name_of(value), {"stdin"}) for value in values if value is not values[place]]
    return []
