"""CWE-22: a file path from an untrusted value."""

import ast

from astraios_ray.tasks.security.finding import Finding
from astraios_ray.tasks.security.python.python_reading import calls, finding_at, last_name, names, text
from astraios_ray.tasks.security.python.taint import is_tainted, tainted_names
from astraios_ray.tasks.security.rules import PYTHON_RULES

_OPENS = (
    *("open", "io.open", "os.open", "codecs.open", "flask.send_file", "send_file"),
    *("PIL.Image.open", "Image.open", "os.remove", "os.unlink", "os.listdir", "os.stat"),
    *("shutil.copy", "shutil.copyfile", "pathlib.Path", "Path"),
)
_CLEANS = ("safe_join", "secure_filename", "basename", "int", "float", "uuid4", "UUID", "send_from_directory")
_RESOLVES = ("abspath", "realpath", "normpath", "resolve")


@PYTHON_RULES.add("PathInjection")
def path_injection(tree: ast.Module) -> list[Finding]:
    """A file path with a value of the request, and no check that keeps it in its folder."""
    tainted = tainted_names(tree, _cleans)
    if _kept_in_folder(tree, tainted):
        return []
    return [
        finding_at(call, f"{name} of a path that the request names")
        for call, name in calls(tree)
        if name in _OPENS and any(is_tainted(value, tainted, _cleans) for value in call.args[:1])
    ]


def _cleans(call: ast.Call) -> bool:
    return last_name(call.func) in _CLEANS


def _kept_in_folder(tree: ast.AST, tainted: set[str]) -> bool:
    """Whether a path is resolved and compared, ``..`` is looked for, or a name is looked up in a list."""
    called = {name.rpartition(".")[2] for _, name in calls(tree)}
    if called & set(_RESOLVES) and called & {"startswith", "commonpath", "commonprefix", "is_relative_to"}:
        return True
    return any(_looked_up(node, tainted) for node in ast.walk(tree) if isinstance(node, ast.Compare))


def _looked_up(node: ast.Compare, tainted: set[str]) -> bool:
    if not isinstance(node.ops[0], ast.In | ast.NotIn):
        return False
    inside = node.comparators[0]
    listed = (
        isinstance(inside, ast.List | ast.Tuple | ast.Set | ast.Name | ast.Call)
        and not names(inside) & tainted
    )
    return text(node.left) == ".." or (bool(names(node.left) & tainted) and listed)
