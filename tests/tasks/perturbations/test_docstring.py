"""Docstring: the parts that can change, and the parts that must stay."""

import pytest

from astraios_ray.tasks.perturbations.row import parts_of
from astraios_ray.tasks.perturbations.transformation import TRANSFORMATIONS
from tests.tasks.perturbations.rows import PROMPT, ROW, with_body

NAMES = [name for name in TRANSFORMATIONS if TRANSFORMATIONS[name].category == "docstring"]
WORDS = [name for name in NAMES if name != "WhitespacePerturbation"]


@pytest.mark.parametrize("name", NAMES)
def test_examples_quotes_and_code_stay(name: str) -> None:
    start, end = PROMPT.index("Count"), PROMPT.index("    >>>")
    for seed in range(10):
        row = TRANSFORMATIONS[name](ROW, seed)
        assert row.prompt.startswith(PROMPT[:start].rstrip())
        assert row.prompt.endswith(PROMPT[end:])
        assert row.canonical_solution == ROW.canonical_solution


@pytest.mark.parametrize("name", WORDS)
def test_words_of_the_code_stay(name: str) -> None:
    for seed in range(10):
        row = TRANSFORMATIONS[name](ROW, seed)
        described = row.prompt[parts_of(row).doc_start :]
        assert " numbers " in described
        assert " limit." in described


def test_whitespace_changes_blanks_and_nothing_else() -> None:
    for seed in range(10):
        row = TRANSFORMATIONS["WhitespacePerturbation"](ROW, seed)
        assert row.prompt.replace(" ", "") == PROMPT.replace(" ", "")
        assert [line[:4] for line in row.prompt.splitlines()] == [line[:4] for line in PROMPT.splitlines()]


def test_swapped_letters_are_the_same_letters() -> None:
    for seed in range(10):
        row = TRANSFORMATIONS["SwapCharactersPerturbation"](ROW, seed)
        assert sorted(row.prompt) == sorted(PROMPT)


@pytest.mark.parametrize("name", NAMES)
def test_a_function_without_docstring_stays(name: str) -> None:
    row = with_body("    return xs\n", doc="pass")
    assert TRANSFORMATIONS[name](row, 3) == row
