"""Function names: how they change, and that all calls of the function change too."""

from random import Random

import pytest

from astraios_ray.tasks.perturbations.characters import change_case
from astraios_ray.tasks.perturbations.naming import is_free, names_of, renamed
from astraios_ray.tasks.perturbations.row import CodeRow
from astraios_ray.tasks.perturbations.transformation import TRANSFORMATIONS
from tests.tasks.perturbations.rows import ROW, answer, with_body


@pytest.mark.parametrize(
    ("name", "new_name"),
    [("count_above", "countAbove"), ("digitSum", "digit_sum"), ("x_or_y", "xOrY"), ("add", "add")],
)
def test_snake_case_and_camel_case_change_into_each_other(name: str, new_name: str) -> None:
    row = with_body("    return 1\n", signature=f"{name}(x)")
    assert TRANSFORMATIONS["FuncRenameCamelCase"](row, 0).entry_point == new_name


def test_the_name_changes_in_prompt_solution_and_test_and_nowhere_inside_words() -> None:
    row = CodeRow(
        "t",
        'def add(x):\n    """add_all is another; add(1) is 0."""\n',
        "add",
        "    return add(x - 1) if x > 1 else 0\n",
        "assert add(4) == candidate(4)\n",
    )
    changed = renamed(row, "sum_up")
    assert "add_all is another; sum_up(1)" in changed.prompt
    assert answer(changed, "sum_up(3)") == 0
    assert changed.test == "assert sum_up(4) == candidate(4)\n"


@pytest.mark.parametrize("name", ["number", "for", "len", "check", "count-above"])
def test_a_name_that_means_something_is_not_free(name: str) -> None:
    assert not is_free(ROW, name)


def test_a_short_name_is_left_alone_when_every_slip_of_it_is_taken() -> None:
    row = with_body("    B = 1\n    return B\n", signature="b(A)")
    changed = {TRANSFORMATIONS["FuncRenameChangeChar"](row, seed).entry_point for seed in range(20)}
    assert changed == {"b"}


def test_one_of_three_letters_changes_its_case() -> None:
    text = "a" * 3000
    upper = change_case(text, Random(0)).count("A")
    assert 0.32 < upper / len(text) < 0.38


def test_names_of_a_program_are_its_variables_types_functions_and_modules() -> None:
    assert {"List", "numbers", "limit", "found", "number", "count_above", "typing"} <= names_of(ROW)
