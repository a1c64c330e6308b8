"""Syntax: the variable that occurs most often gets a meaningless name."""

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
    """A letter at place 0, where a digit is not allowed; later half of them digits, as in ReCode's rows."""
    return random.choice(string.digits if place and random.random() < 0.5 else string.ascii_letters)


def most_frequent(row: CodeRow) -> str | None:
    """The variable or parameter that occurs most often in the program; the first one wins a tie."""
    counts = Counter(name for name, _ in _occurrences(row))
    return max(counts, key=lambda name: counts[name]) if counts else None


def _renamed(row: CodeRow, name: str) -> CodeRow:
    old, places = most_frequent(row), Places(row.program)
    edits = []
    for variable, node in _occurrences(row):
        if variable == old:
            start = places.span(node)[0]
            edits.append(Edit(start, start + len(variable), name))
    return with_edits(row, edits)


def _occurrences(row: CodeRow) -> list[tuple[str, ast.arg | ast.Name]]:
    """The names and nodes of variables that can be renamed, in the order of the text."""
    tree = tree_of(row)
    occurrences = [
        (node.arg if isinstance(node, ast.arg) else node.id, node)
        for node in ast.walk(tree)
        if isinstance(node, ast.arg | ast.Name)
    ]
    bound = {
        name for name, node in occurrences if isinstance(node, ast.arg) or isinstance(node.ctx, ast.Store)
    } - _fixed_names(tree)
    occurrences.sort(key=lambda item: (item[1].lineno, item[1].col_offset))
    return [(name, node) for name, node in occurrences if name in bound]


def _fixed_names(tree: ast.Module) -> set[str]:
    """Names that cannot be renamed: keywords of calls, global declarations, functions, modules."""
    names = set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword | ast.ExceptHandler):
            names.add((node.arg if isinstance(node, ast.keyword) else node.name) or "")
        elif isinstance(node, ast.Global | ast.Nonlocal):
            names.update(node.names)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names.update((alias.asname or alias.name).split(".")[0] for alias in node.names)
        elif isinstance(node, ast.MatchAs | ast.MatchStar):
            names.add(node.name or "")
    return names
