"""Syntax: a for loop becomes a while loop."""

import ast
from random import Random

from astraios_ray.tasks.perturbations.naming import is_free
from astraios_ray.tasks.perturbations.row import CodeRow, tree_of, with_edits
from astraios_ray.tasks.perturbations.source_edits import Edit, Places
from astraios_ray.tasks.perturbations.transformation import transformation

_SEQUENCES = ("str", "split")  # functions that return an indexable value


@transformation("ForWhileTransformer", "syntax")
def for_to_while(row: CodeRow, random: Random) -> CodeRow:
    """The first for loop over a range or a sequence by name becomes a while loop with a counter."""
    for loop in _for_loops(tree_of(row)):
        edits = _edits(row, loop)
        if edits and not any(edit.start < len(row.prompt) < edit.end for edit in edits):
            return with_edits(row, edits)
    return row


def _for_loops(tree: ast.Module) -> list[ast.For]:
    loops = [node for node in ast.walk(tree) if isinstance(node, ast.For)]
    return sorted(loops, key=lambda node: (node.lineno, node.col_offset))


def _edits(row: CodeRow, loop: ast.For) -> list[Edit]:
    """The edits of the loop's first line and behind its last; empty when the meaning would change."""
    places, text = Places(row.program), row.program
    indent = places.indent(loop)
    inside = places.indent(loop.body[0])
    if loop.orelse or not inside.startswith(indent) or inside == indent or _own_continue(loop.body):
        return []
    header = _header(row, loop, indent, inside)
    if not header:
        return []
    start, colon = places.span(loop)[0], text.index(":", places.span(loop.iter)[1])
    last = places.span(loop.body[-1])[1]
    line_end = text.find("\n", last)
    end = len(text) if line_end < 0 else line_end
    return [Edit(start, colon + 1, header[0]), Edit(end, end, f"\n{inside}{header[1]}")]


def _header(row: CodeRow, loop: ast.For, indent: str, inside: str) -> tuple[str, str] | None:
    """The code before the loop's body and the code at its end."""
    if not isinstance(loop.target, ast.Name) or _stored(loop.body) & (_names(loop.iter) | {loop.target.id}):
        return None
    name = loop.target.id
    bounds = _range(loop.iter)
    if bounds:
        start, stop, step = bounds
        return f"{name} = {start}\n{indent}while {name} {'>' if step < 0 else '<'} {stop}:", _step(name, step)
    counter = f"_{name}_i"
    if not _is_sequence(loop.iter) or not is_free(row, counter):
        return None
    sequence = ast.unparse(loop.iter)
    return (
        f"{counter} = 0\n{indent}while {counter} < len({sequence}):\n{inside}{name} = {sequence}[{counter}]",
        _step(counter, 1),
    )


def _is_sequence(node: ast.expr) -> bool:
    """Whether a value can be indexable: a name, a subscript, or a call that returns text or a list."""
    if isinstance(node, ast.Call):
        function = node.func
        name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
        return name in _SEQUENCES
    return isinstance(node, ast.Name | ast.Subscript)


def _step(name: str, step: int) -> str:
    return f"{name} {'-' if step < 0 else '+'}= {abs(step)}"


def _range(node: ast.expr) -> tuple[str, str, int] | None:
    """Start, stop and step of a call of range whose step is a number."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id != "range":
        return None
    arguments = node.args
    if node.keywords or not arguments or any(isinstance(item, ast.Starred) for item in arguments):
        return None
    try:
        step = ast.literal_eval(arguments[2]) if len(arguments) == 3 else 1
    except ValueError:
        return None
    if not isinstance(step, int) or not step:
        return None
    start = ast.unparse(arguments[0]) if len(arguments) > 1 else "0"
    return start, ast.unparse(arguments[0] if len(arguments) == 1 else arguments[1]), step


def _own_continue(body: list[ast.stmt]) -> bool:
    """Whether a continue of this loop, not of an inner loop, would skip the last line."""
    stack = list[ast.AST](body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Continue):
            return True
        if not isinstance(node, ast.For | ast.While | ast.AsyncFor | ast.FunctionDef):
            stack.extend(ast.iter_child_nodes(node))
    return False


def _names(node: ast.AST) -> set[str]:
    return {child.id for child in ast.walk(node) if isinstance(child, ast.Name)}


def _stored(body: list[ast.stmt]) -> set[str]:
    return {
        node.id
        for statement in body
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del)
    }
