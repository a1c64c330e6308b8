"""Format: the exact result of each transformation of one prompt."""

import ast

import pytest

from astraios_ray.tasks.perturbations.partial import partial_row
from astraios_ray.tasks.perturbations.row import CodeRow
from astraios_ray.tasks.perturbations.transformation import TRANSFORMATIONS
from tests.tasks.perturbations.rows import PROMPT, ROW, with_body

PARTIAL = partial_row(ROW)
NAMES = [name for name in TRANSFORMATIONS if TRANSFORMATIONS[name].category == "format"]


def changed(name: str, row: CodeRow = PARTIAL, seed: int = 0) -> CodeRow:
    return TRANSFORMATIONS[name](row, seed)


def code(row: CodeRow) -> str:
    """The program without docstrings, printed from its syntax tree."""
    tree = ast.parse(row.program)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None:
            del node.body[0]
    return ast.unparse(tree)


@pytest.mark.parametrize("name", NAMES)
def test_the_code_means_the_same(name: str) -> None:
    assert changed(name) != PARTIAL
    assert code(changed(name)) == code(PARTIAL)


def test_tabs_stand_for_four_blanks_in_prompt_and_solution() -> None:
    row = changed("tab_indent")
    assert row.prompt.endswith('\n\t"""\n\tfound = 0\n\tfor number in numbers:\n\t\tif number > limit:\n')
    assert row.canonical_solution.startswith("\t\t\tfound += 1\n")


def test_the_longest_line_outside_the_docstring_is_split_in_its_middle() -> None:
    assert changed("split_lines").prompt == PARTIAL.prompt.replace("typing import", "typing  \\\n  import")


def test_a_prompt_of_a_signature_and_its_docstring_has_no_line_to_split() -> None:
    row = with_body("    return 1\n")
    assert changed("split_lines", row) == row


def test_a_docstring_becomes_comments() -> None:
    comments = (
        "    # Count the numbers that are larger than the limit.\n"
        "    # Equal ones do not count.\n"
        "\n"
        "    # >>> count_above([1, 5, 7], 4)\n"
        "    # 2\n"
    )
    assert changed("doc2comments", ROW).prompt == PROMPT[: PROMPT.index('    """')] + comments


def test_a_function_without_docstring_has_no_comments_to_get() -> None:
    row = CodeRow("t", "def f(x):\n", "f", "    y = x\n    return y\n", "")
    assert changed("doc2comments", row) == row


def test_an_empty_line_at_the_end_or_behind_the_docstring() -> None:
    assert changed("new_line_aftercode").prompt == PARTIAL.prompt + "\n"
    assert changed("new_line_afterdoc").prompt == PARTIAL.prompt.replace('"""\n    found', '"""\n\n    found')


def test_new_lines_come_behind_some_lines_of_code_and_depend_on_the_seed() -> None:
    rows = [changed("new_lines", seed=seed).prompt for seed in range(8)]
    assert len(set(rows)) > 4
    assert all(row.replace("\n\n", "\n") == PARTIAL.prompt.replace("\n\n", "\n") for row in rows)
    assert all(row.startswith(PROMPT.rstrip("\n")) for row in rows)
