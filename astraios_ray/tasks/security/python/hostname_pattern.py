"""CWE-20: a regular expression for a host name in which a bare dot matches any character."""

import ast
import re

from astraios_ray.tasks.security.finding import Finding
from astraios_ray.tasks.security.python.python_reading import argument, calls, finding_at, text
from astraios_ray.tasks.security.rules import PYTHON_RULES

_MATCHERS = tuple(f"re.{name}" for name in ("compile", "match", "search", "fullmatch", "findall", "sub"))
_BARE_DOT = re.compile(r"(?<!\\)(?<=[\w)\]-])\.(?=(?:com|org|net|edu|gov|io|co|uk|de)(?![\w.]*\w))")


@PYTHON_RULES.add("IncompleteHostnameRegExp")
def incomplete_hostname_pattern(tree: ast.Module) -> list[Finding]:
    r"""A literal pattern with a bare dot in front of a top-level domain: ``a.com``, not ``a\.com``."""
    return [
        finding_at(call, "a dot in front of the top-level domain matches any letter")
        for call, name in calls(tree)
        if name in _MATCHERS
        if _BARE_DOT.search(text(argument(call, 0, "pattern")) or "")
    ]
