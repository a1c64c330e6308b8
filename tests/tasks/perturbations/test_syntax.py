"""Syntax: the changed programs, line by line, and the programs that must not change."""

import pytest

from astraios_ray.tasks.perturbations.partial import partial_row
from astraios_ray.tasks.perturbations.row import CodeRow
from astraios_ray.tasks.perturbations.transformation import TRANSFORMATIONS
from tests.tasks.perturbations.rows import PROMPT, ROW, answer, with_body

PARTIAL = partial_row(ROW)


def changed(name: str, row: CodeRow, seed: int = 0) -> CodeRow:
    return TRANSFORMATIONS[name](row, seed)


def body(name: str, solution: str, signature: str = "f(xs)") -> str:
    """The function's body after a transformation."""
    row = partial_row(with_body(solution, signature=signature))
    return changed(name, row).program.split('"""\n', 1)[1]


def test_a_row_without_code_in_its_prompt_stays() -> None:
    assert changed("VarRenamerNaive", ROW) == ROW


def test_the_most_frequent_variable_is_renamed_in_code_and_not_in_the_docstring() -> None:
    row = changed("VarRenamerNaive", PARTIAL)
    assert row.prompt == PARTIAL.prompt.replace("    found = 0", "    VAR_0 = 0")
    assert row.canonical_solution == "            VAR_0 += 1\n\n    return VAR_0\n"


def test_a_random_name_is_as_long_as_the_old_one() -> None:
    row = changed("VarRenamerRN", PARTIAL)
    (name,) = {line.split()[1] for line in row.canonical_solution.splitlines() if "return" in line}
    assert len(name) == len("found")
    assert name != "found"


def test_a_variable_that_is_also_the_keyword_of_a_call_is_not_renamed() -> None:
    solution = "    key = len\n    a = sorted(xs, key=key)\n    return a + [key(xs)]\n"
    assert "key = len" in body("VarRenamerNaive", solution)


def test_names_in_columns_behind_letters_of_several_bytes_are_found() -> None:
    solution = "    é = 'äöü'; aa = é + é\n    return aa + é\n"
    assert "VAR_0 = 'äöü'; aa = VAR_0 + VAR_0" in body("VarRenamerNaive", solution)


@pytest.mark.parametrize(
    ("comparison", "swapped"),
    [
        ("xs == 1", "1 == xs"),
        ("len(xs) < 2", "2 > len(xs)"),
        ("(xs + 1) >= 2", "2 <= (xs + 1)"),
        ("0 < xs < 3 or xs != 4", "0 < xs < 3 or 4 != xs"),
        ("xs is None or xs <= 3", "xs is None or 3 >= xs"),
    ],
)
def test_the_first_comparison_of_two_is_mirrored(comparison: str, swapped: str) -> None:
    solution = f"    a = 0\n    if {comparison}:\n        a = 1\n    return a\n"
    assert f"    if {swapped}:\n" in body("OperandSwap", solution)


def test_a_loop_over_a_sequence_counts_its_places() -> None:
    row = changed("ForWhileTransformer", PARTIAL)
    assert row.prompt.endswith(
        "    _number_i = 0\n    while _number_i < len(numbers):\n        number = numbers[_number_i]\n"
        "        if number > limit:\n"
    )
    assert row.canonical_solution == ("            found += 1\n        _number_i += 1\n\n    return found\n")
    assert answer(row, "count_above([1, 5, 7], 4)") == 2


@pytest.mark.parametrize(
    ("header", "lines"),
    [
        ("for i in range(3):", ("i = 0", "while i < 3:", "i += 1")),
        ("for i in range(1, 9, 2):", ("i = 1", "while i < 9:", "i += 2")),
        ("for i in range(len(xs), 0, -1):", ("i = len(xs)", "while i > 0:", "i -= 1")),
    ],
)
def test_a_loop_over_a_range_counts(header: str, lines: tuple[str, str, str]) -> None:
    start, condition, step = lines
    solution = f"    a = []\n    {header}\n        a.append(i)\n    return a\n"
    assert body("ForWhileTransformer", solution) == (
        f"    a = []\n    {start}\n    {condition}\n        a.append(i)\n        {step}\n    return a\n"
    )


@pytest.mark.parametrize(
    "loop",
    [
        "for i, x in enumerate(xs):\n        a += x",
        "for x in xs:\n        if x: continue\n        a += x",
        "for i in range(a):\n        a += 1",
        "for x in xs:\n        a += x\n    else:\n        a = 0",
        "for x in reversed(xs):\n        a += x",
        "for i in range(3): a += i",
    ],
)
def test_a_loop_that_would_mean_something_else_stays(loop: str) -> None:
    solution = f"    a = 0\n    {loop}\n    return a\n"
    assert body("ForWhileTransformer", solution) == solution


@pytest.mark.parametrize("name", ["DeadCodeInserter", "DeadCodeInserterLast"])
def test_dead_code_is_in_the_prompt_and_never_runs(name: str) -> None:
    for seed in range(20):
        row = changed(name, PARTIAL, seed)
        assert len(row.prompt) > len(PARTIAL.prompt)
        assert row.canonical_solution == PARTIAL.canonical_solution
        assert row.prompt.startswith(PROMPT)
        assert answer(row, "count_above([1, 5, 7], 4)") == 2


def test_dead_code_at_the_end_stands_where_the_next_line_would() -> None:
    (line, *_) = changed("DeadCodeInserterLast", PARTIAL).prompt[len(PARTIAL.prompt) :].splitlines()
    assert len(line) - len(line.lstrip()) == 12


def test_where_no_statement_can_stand_no_dead_code_is_put() -> None:
    row = CodeRow(
        "t", 'def f(x):\n    """Do."""\n    y = [\n        1,\n', "f", "        2]\n    return y\n", ""
    )
    assert changed("DeadCodeInserterLast", row) == row
