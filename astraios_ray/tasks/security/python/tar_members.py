"""CWE-22: a tar archive whose members can be written to any path, such as ``../../etc``."""

import ast

from astraios_ray.tasks.security.finding import Finding
from astraios_ray.tasks.security.python.python_reading import calls, finding_at, keyword, last_name, text
from astraios_ray.tasks.security.rules import PYTHON_RULES

_CHECKS = (
    *("startswith", "abspath", "realpath", "normpath"),
    *("commonpath", "commonprefix", "is_relative_to", "isabs"),
)
_FILTERS, _FILTER_FUNCTIONS = ("data", "tar"), ("data_filter", "tar_filter")


@PYTHON_RULES.add("cwe-22_TarSlip")
def tar_members(tree: ast.Module) -> list[Finding]:
    """``extractall`` or ``extract`` with neither a filter nor a check of the members' paths."""
    if any(name.rpartition(".")[2] in _CHECKS for _, name in calls(tree)) or _looks_for_dots(tree):
        return []
    return [
        finding_at(call, f"{name.rpartition('.')[2]} writes wherever a member's name says")
        for call, name in calls(tree)
        if name.endswith((".extractall", ".extract")) and not _filtered(call)
    ]


def _filtered(call: ast.Call) -> bool:
    filter_value = keyword(call, "filter")
    return text(filter_value) in _FILTERS or last_name(filter_value) in _FILTER_FUNCTIONS


def _looks_for_dots(tree: ast.AST) -> bool:
    return any(isinstance(node, ast.Compare) and ".." in (text(node.left) or "") for node in ast.walk(tree))
