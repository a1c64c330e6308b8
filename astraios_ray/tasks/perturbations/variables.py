"""Syntax: the variable that occurs most often gets a name that says nothing."""

import ast
import string
from collections import Counter
from random import Random

from astraios_ray.tasks.perturbations.naming import ATTEMPTS, is_free
from astraios_ray.tasks.perturbations.row import CodeRow, tree_of, with_edits
from astraios_ray.tasks.perturbations.source_edits import Edit, Places
from astraios_ray.tasks.perturbations.transformation import transformation


@transformation("VarRenamerNaive", "syntax")
def rename_naively(row: CodeRow, random: Random) -> CodeRow:
    """The most frequent variable is called VAR_0."""
    return _renamed(row, "VAR_0") if is_free(row, "VAR_0") else row


@transformation("VarRenamerRN", "syntax", random=True)
def rename_randomly(row: CodeRow, random: Random) -> CodeRow:
    """The most frequent variable is called by random letters and digits, as many as its name has."""
    length = len(most_frequent(row) or "")
    for _ in range(ATTEMPTS):
        name = "".join(_letter(place, random) for place in range(length))
        if length and is_free(row, name):
            return _renamed(row, name)
    return row


def _letter(place: int, random: Random) -> str:
    """A letter first, as a name must begin with one; then half digits, as in ReCode's released rows."""
    return random.choice(string.digits if place and random.random() < 0.5 else string.ascii_letters)


def most_frequent(row: CodeRow) -> str | None:
    """The variable or parameter that occurs most often in the program, the first of equal ones."""
    counts = Counter(name for name, _ in _occurrences(row))
    return max(counts, key=lambda name: counts[name]) if counts else None


def _renamed(row: CodeRow, name: str) -> CodeRow:
    old, places = most_frequent(row), Places(row.program)
    edits = []
    for found, node in _occurrences(row):
        if found == old:
            start = places.span(node)[0]
            edits.append(Edit(start, start + len(found), name))
    return with_edits(row, edits)


def _occurrences(row: CodeRow) -> list[tuple[str, ast.arg | ast.Name]]:
    """Where variables stand that can be renamed, in the order of the text."""
    tree = tree_of(row)
    found = [
        (node.arg if isinstance(node, ast.arg) else node.id, node)
        for node in ast.walk(tree)
        if isinstance(node, ast.arg | ast.Name)
    ]
    bound = {
        name for name, node in found if isinstance(node, ast.arg) or isinstance(node.ctx, ast.Store)
    } - _kept(tree)
    found.sort(key=lambda item: (item[1].lineno, item[1].col_offset))
    return [(name, node) for name, node in found if name in bound]


def _kept(tree: ast.Module) -> set[str]:
    """Names that also stand where no variable does: keywords of calls, global declarations, functions."""
    kept = set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword | ast.ExceptHandler):
            kept.add((node.arg if isinstance(node, ast.keyword) else node.name) or "")
        elif isinstance(node, ast.Global | ast.Nonlocal):
            kept.update(node.names)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            kept.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            kept.update((alias.asname or alias.name).split(".")[0] for alias in node.names)
        elif isinstance(node, ast.MatchAs | ast.MatchStar):
            kept.add(node.name or "")
    return kept
