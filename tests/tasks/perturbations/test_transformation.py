"""Properties of every transformation, on the shipped rows."""

import pytest

from astraios_ray.config import content
from astraios_ray.errors import UnknownName
from astraios_ray.tasks.perturbations.transformation import CATEGORIES, TRANSFORMATIONS
from astraios_ray.tasks.perturbed import read_rows
from astraios_ray.tasks.perturbing import nominal_row
from tests.tasks.perturbations.rows import ROW

ROWS = [ROW, *read_rows(content.resolve("rows", "humanevalpack_python"))]
NAMES = list(TRANSFORMATIONS)


def passes(program: str, test: str, entry_point: str) -> bool:
    names: dict[str, object] = {}
    exec(f"{program}\n{test}\n", names)
    if "check" in names and f"check({entry_point})" not in test:
        exec(f"check({entry_point})", names)
    return True


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_references_still_pass(name: str, seed: int) -> None:
    transformation = TRANSFORMATIONS[name]
    for row in ROWS:
        changed = transformation(nominal_row(row, transformation.category), seed)
        assert passes(changed.program, changed.test, changed.entry_point), changed.program


@pytest.mark.parametrize("name", NAMES)
def test_a_seed_gives_the_same_row_each_time_and_other_seeds_matter_only_where_said(name: str) -> None:
    transformation = TRANSFORMATIONS[name]
    row = nominal_row(ROW, transformation.category)
    results = [transformation(row, seed) for seed in range(12)]
    assert results == [transformation(row, seed) for seed in range(12)]
    assert (len(set(results)) > 1) == transformation.random


@pytest.mark.parametrize("name", NAMES)
def test_something_changes_in_some_row(name: str) -> None:
    transformation = TRANSFORMATIONS[name]
    rows = [nominal_row(row, transformation.category) for row in ROWS]
    assert any(transformation(row, 0).prompt != row.prompt for row in rows)


def test_every_family_that_needs_no_language_model_is_there() -> None:
    families = {
        category: {name for name in TRANSFORMATIONS if TRANSFORMATIONS[name].category == category}
        for category in CATEGORIES
    }
    assert {category: len(names) for category, names in families.items()} == {
        "format": 6,
        "function": 4,
        "syntax": 6,
        "docstring": 4,
    }


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'tab_indent'"):
        TRANSFORMATIONS["tab_ident"]
