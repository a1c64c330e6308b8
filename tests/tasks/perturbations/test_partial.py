"""Partial code: where the prompt ends."""

import pytest

from astraios_ray.errors import DataError
from astraios_ray.tasks.perturbations.partial import partial_row
from astraios_ray.tasks.perturbations.row import CodeRow
from tests.tasks.perturbations.rows import PROMPT, ROW, SOLUTION, with_body


def test_the_first_half_of_the_lines_moves_into_the_prompt() -> None:
    row = partial_row(ROW)
    assert row.prompt == PROMPT + "".join(SOLUTION.splitlines(keepends=True)[:3])
    assert row.program == ROW.program


def test_a_body_of_one_line_stays_where_it_is() -> None:
    row = with_body("    return 1\n")
    assert partial_row(row) == row


def test_without_a_docstring_the_body_begins_behind_the_signature() -> None:
    row = CodeRow("t", "def f(x):\n", "f", "    y = x\n    return y\n", "")
    assert partial_row(row).canonical_solution == "    return y\n"


def test_a_docstring_may_stand_behind_an_import() -> None:
    row = with_body("    a = 1\n    return a\n", doc='import math\n    """Do it."""')
    assert partial_row(row).canonical_solution == "    return a\n"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (CodeRow("t/7", "def f(x)\n", "f", "    return x\n", ""), "t/7: .* are no Python"),
        (CodeRow("t/8", "def f(x):\n", "g", "    return x\n", ""), "t/8: .* no function 'g'"),
    ],
)
def test_a_row_that_is_no_program_is_refused(row: CodeRow, message: str) -> None:
    with pytest.raises(DataError, match=message):
        partial_row(row)
