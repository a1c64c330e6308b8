"""Which variables of a Python program hold untrusted text of a web request."""

import ast
import re
from collections.abc import Callable

REQUEST = ("args", "form", "values", "cookies", "headers", "files", "json", "data", "query_string", "url")
_ROUTE_VALUE = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")
_NUMBERS = ("int", "float", "uuid")  # converters of Flask whose values hold no free text

Cleans = Callable[[ast.Call], bool]


def is_request(node: ast.AST) -> bool:
    """Whether the node reads Flask's request: ``request.args``, ``flask.request.get_json()``."""
    if not isinstance(node, ast.Attribute) or node.attr not in (*REQUEST, "get_json", "get_data"):
        return False
    holder = node.value
    return (isinstance(holder, ast.Name) and holder.id == "request") or (
        isinstance(holder, ast.Attribute) and holder.attr == "request"
    )


def is_tainted(node: ast.AST, tainted: set[str], cleans: Cleans) -> bool:
    """Whether the value of an expression holds untrusted text; calls with ``cleans`` return none."""
    if isinstance(node, ast.Call) and cleans(node):
        return False
    if is_request(node) or (isinstance(node, ast.Name) and node.id in tainted):
        return True
    if isinstance(node, ast.Compare | ast.Lambda):
        return False
    if isinstance(node, ast.IfExp):
        return any(is_tainted(part, tainted, cleans) for part in (node.body, node.orelse))
    return any(is_tainted(part, tainted, cleans) for part in ast.iter_child_nodes(node))


def tainted_names(tree: ast.AST, cleans: Cleans) -> set[str]:
    """All variables that hold untrusted text anywhere, values of routes included, whatever the order."""
    tainted = {name for node in ast.walk(tree) for name in _route_values(node)}
    while True:
        more = {
            name
            for node in ast.walk(tree)
            for value, target in _flows(node)
            if is_tainted(value, tainted, cleans)
            for name in _bound(target)
        }
        if more <= tainted:
            return tainted
        tainted |= more


def _route_values(node: ast.AST) -> list[str]:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return []
    return [
        name
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call) and decorator.args
        if isinstance(route := decorator.args[0], ast.Constant) and isinstance(route.value, str)
        for converter, name in _ROUTE_VALUE.findall(route.value)
        if converter not in _NUMBERS
    ]


def _flows(node: ast.AST) -> list[tuple[ast.AST, ast.AST]]:
    """Values and the targets that they are bound to."""
    if isinstance(node, ast.Assign):
        return [(node.value, target) for target in node.targets]
    if isinstance(node, ast.AugAssign):
        return [(node.value, node.target)]
    if isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
        return [(node.value, node.target)]
    if isinstance(node, ast.For | ast.comprehension):
        return [(node.iter, node.target)]
    if isinstance(node, ast.With):
        return [(item.context_expr, item.optional_vars) for item in node.items if item.optional_vars]
    return []


def _bound(target: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(target) if isinstance(part, ast.Name)}
