"""CWE-20: an address that is trusted because it contains a host name somewhere."""

import ast
import re

from astraios_ray.tasks.security.finding import Finding
from astraios_ray.tasks.security.python.python_reading import finding_at, text
from astraios_ray.tasks.security.rules import PYTHON_RULES

_HOST = re.compile(r"(?:https?:)?(?://)?(?:[\w-]+\.)+[a-z]{2,}(?::\d+)?/?", re.IGNORECASE)
_WHOLE_START = re.compile(r"https?://[^/]+/")


@PYTHON_RULES.add("IncompleteUrlSubstringSanitization")
def url_substring(tree: ast.Module) -> list[Finding]:
    """``"example.com" in url``, find, and startswith or endswith with a part of a host name."""
    return [
        finding_at(node, "a host name is looked for anywhere in the address")
        for node in ast.walk(tree)
        if (isinstance(node, ast.Compare) and _contains(node))
        or (isinstance(node, ast.Call) and _called(node))
    ]


def _is_host(literal: str | None) -> bool:
    return literal is not None and _HOST.fullmatch(literal) is not None


def _contains(node: ast.Compare) -> bool:
    within = isinstance(node.ops[0], ast.In | ast.NotIn)
    listed = isinstance(node.comparators[0], ast.List | ast.Tuple | ast.Set | ast.Dict)
    return within and not listed and _is_host(text(node.left))


def _called(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute) or not call.args:
        return False
    first = call.args[0]
    literals = [text(item) for item in (first.elts if isinstance(first, ast.Tuple) else [first])]
    hosts = [literal for literal in literals if literal is not None and _is_host(literal)]
    match call.func.attr:
        case "find" | "index" | "rfind" | "count":
            return bool(hosts)
        case "startswith":
            return any(not _WHOLE_START.match(host) for host in hosts)
        case "endswith":
            return any(not host.startswith((".", "/", "http")) for host in hosts)
    return False
