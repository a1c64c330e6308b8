"""Apply the transformations of ReCode to rows."""

from collections.abc import Iterator, Sequence

from astraios_ray.tasks.perturbations import TRANSFORMATIONS, Transformation
from astraios_ray.tasks.perturbations.partial import partial_row
from astraios_ray.tasks.perturbations.row import CodeRow
from astraios_ray.tasks.perturbations.transformation import ON_PARTIAL_CODE
from astraios_ray.tasks.perturbed import Perturbed
from astraios_ray.tasks.robustness_scores import NOMINAL


def transformations_of(category: str) -> list[Transformation]:
    """All transformations of a category, by name."""
    return [TRANSFORMATIONS[name] for name in TRANSFORMATIONS if TRANSFORMATIONS[name].category == category]


def perturbed_rows(
    rows: Sequence[CodeRow], transformations: Sequence[Transformation], seeds: Sequence[int]
) -> Iterator[Perturbed]:
    """Every row after every transformation, with every seed if the transformation is random, else the first.

    Raises DataError for a row whose program is no Python or lacks its function.
    """
    for transformation in transformations:
        for seed in seeds if transformation.random else seeds[:1]:
            for row in rows:
                start = nominal_row(row, transformation.category)
                yield Perturbed(
                    transformation.category, transformation.name, seed, transformation(start, seed), True
                )


def nominal_rows(rows: Sequence[CodeRow], category: str) -> list[Perturbed]:
    """The unperturbed rows of a category."""
    return [Perturbed(category, NOMINAL, 0, nominal_row(row, category), True) for row in rows]


def nominal_row(row: CodeRow, category: str) -> CodeRow:
    """The row that a category's transformations start from: partial code for format and syntax."""
    return partial_row(row) if category in ON_PARTIAL_CODE else row
