"""CWE-79: untrusted text in a web page, with unescaped tags."""

import ast

from astraios_ray.tasks.security.finding import Finding
from astraios_ray.tasks.security.python.python_reading import calls, finding_at, is_true, keyword, last_name
from astraios_ray.tasks.security.python.taint import is_tainted, tainted_names
from astraios_ray.tasks.security.rules import PYTHON_RULES

_TEMPLATES = ("jinja2.Environment", "Environment", "jinja2.Template", "jinja2.environment.Environment")
_CLEANS = (
    *("escape", "clean", "quote", "quote_plus", "urlencode", "int", "float", "len", "bool"),
    *("render_template", "jsonify", "dumps", "redirect", "url_for", "send_file", "abort", "tojson"),
)


@PYTHON_RULES.add("Jinja2WithoutEscaping")
def templates_without_escaping(tree: ast.Module) -> list[Finding]:
    """A Jinja2 environment without ``autoescape``, which escapes nothing."""
    return [
        finding_at(call, "a template environment that escapes nothing")
        for call, name in calls(tree)
        if name in _TEMPLATES and not _escapes(keyword(call, "autoescape"))
    ]


def _escapes(autoescape: ast.expr | None) -> bool:
    return is_true(autoescape) or isinstance(autoescape, ast.Call | ast.Name | ast.Attribute)


@PYTHON_RULES.add("ReflectedXss")
def reflected_text(tree: ast.Module) -> list[Finding]:
    """A view that returns text with an unescaped value of the request or its route."""
    tainted = tainted_names(tree, _cleans)
    answers = [node for node in ast.walk(tree) if isinstance(node, ast.Return) and node.value is not None]
    return [
        finding_at(node, "an answer with text of the request that is not escaped")
        for node in answers
        if node.value is not None and is_tainted(node.value, tainted, _cleans)
    ]


def _cleans(call: ast.Call) -> bool:
    return last_name(call.func) in _CLEANS
