"""The modules that a program imports and its test uses, as they could in one file.

What a test means must not be the program's choice. So only names count that mean the same everywhere: a
module of this list, under any name, and a name of such a module, unchanged.
"""

import builtins
import re
from importlib import import_module
from types import CodeType
from typing import Any

MODULES = (
    *("array", "bisect", "calendar", "cmath", "collections", "collections.abc", "copy", "dataclasses"),
    *("datetime", "decimal", "enum", "fractions", "functools", "heapq", "itertools", "json", "math"),
    *("numbers", "numpy", "operator", "os", "os.path", "queue", "random", "re", "statistics", "string"),
    *("sys", "textwrap", "time", "types", "typing"),
)
_NAMES = r"(?:\([^)]*\)|(?:[^\n(\\]|\\\n)*)"  # in parentheses, or up to the end of the line
_STATEMENT = re.compile(rf"^(?:from[ \t]+[\w.]+[ \t]+)?import\b[ \t]*{_NAMES}", re.MULTILINE)
_ALL = re.compile(r"from\s+([\w.]+)\s+import\s*\(?\s*\*")
_WORD = re.compile(r"\w+")


def imported_names(source: str, test: CodeType) -> dict[str, Any]:
    """The values of those names that ``test`` uses and ``source`` imports."""
    used = set(_names(test)).difference(vars(builtins))
    names: dict[str, Any] = {}
    for statement in _STATEMENT.findall(source):
        if everything := _ALL.match(statement):
            names.update(_public_names(everything[1], used))
        elif not used.isdisjoint(_WORD.findall(statement)):
            names.update(_imported(statement))
    return {name: value for name, value in names.items() if name in used}


def _public_names(module: str, used: set[str]) -> dict[str, Any]:
    if module not in MODULES:
        return {}
    names = vars(import_module(module))
    public = names.get("__all__") or [name for name in names if not name.startswith("_")]
    return {name: names[name] for name in used.intersection(public)}


def _names(code: CodeType) -> list[str]:
    inner = (name for part in code.co_consts if isinstance(part, CodeType) for name in _names(part))
    return [*code.co_names, *inner]


def _imported(statement: str) -> dict[str, Any]:
    import ast  # its memory would slow the fork of every process

    names: dict[str, Any] = {}
    try:
        for node in ast.parse(statement).body:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                node.names = [name for name in node.names if _means_the_same(node, name)]
                exec(compile(ast.Module([node] if node.names else [], []), "<imports>", "exec"), names)
    except (SyntaxError, ValueError, ImportError):  # of a program that need not be Python
        pass
    return names


def _means_the_same(statement: Any, name: Any) -> bool:
    module = getattr(statement, "module", name.name)  # of a statement with from
    plain = name.asname in (None, name.name) or module is name.name
    return module in MODULES and plain and not getattr(statement, "level", 0)
