"""Syntax: a comparison says the same the other way round."""

import ast
from random import Random

from astraios_ray.tasks.perturbations.row import CodeRow, tree_of, with_edits
from astraios_ray.tasks.perturbations.source_edits import Edit, Places
from astraios_ray.tasks.perturbations.transformation import transformation

_OPERATORS: dict[type[ast.cmpop], tuple[str, str]] = {  # the symbol, and its mirror image
    ast.Eq: ("==", "=="),
    ast.NotEq: ("!=", "!="),
    ast.Lt: ("<", ">"),
    ast.LtE: ("<=", ">="),
    ast.Gt: (">", "<"),
    ast.GtE: (">=", "<="),
}


@transformation("OperandSwap", "syntax")
def swap_operands(row: CodeRow, random: Random) -> CodeRow:
    """The operands of the first comparison change places."""
    swaps = (_swapped(row, node) for node in _comparisons(tree_of(row)))
    edit = next((edit for edit in swaps if not edit.start < len(row.prompt) < edit.end), None)
    return with_edits(row, [edit]) if edit else row


def _swapped(row: CodeRow, node: ast.Compare) -> Edit:
    places, text = Places(row.program), row.program
    symbol, mirrored = _OPERATORS[type(node.ops[0])]
    start, end = places.span(node)
    # brackets around an operand are outside of its node
    operator = text.index(symbol, places.span(node.left)[1])
    left_operand, right_operand = text[start:operator].rstrip(), text[operator + len(symbol) : end].lstrip()
    return Edit(start, end, f"{right_operand} {mirrored} {left_operand}")


def _comparisons(tree: ast.Module) -> list[ast.Compare]:
    """Comparisons of two operands by size or equality, in the order of the text."""
    comparisons = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _OPERATORS
    ]
    return sorted(comparisons, key=lambda node: (node.lineno, node.col_offset))
