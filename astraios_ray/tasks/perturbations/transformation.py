"""The type of transformations, and their registry."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from astraios_ray.registry import Registry
from astraios_ray.tasks.perturbations.row import CodeRow, has_code

CATEGORIES = ("format", "function", "syntax", "docstring")
ON_PARTIAL_CODE = ("format", "syntax")  # their prompts end in the middle of the function

Perturb = Callable[[CodeRow, Random], CodeRow]


@dataclass(frozen=True)
class Transformation:
    """One way to change a row. A row with nothing to change is returned unchanged.

    ``random`` says whether the seed matters. Names are those of ReCode's released sets (Wang et al. 2022,
    arXiv 2212.10264; github.com/amazon-science/recode, dataset-release).
    """

    name: str
    category: str
    random: bool
    says: str  # in one line
    perturb: Perturb

    def __call__(self, row: CodeRow, seed: int) -> CodeRow:
        """The changed row, a function of the row and the seed. Raises DataError for a broken row.

        Syntax does not change rows whose prompt holds no code, as in ReCode's released rows.
        """
        if self.category == "syntax" and not has_code(row):
            return row
        return self.perturb(row, Random(f"{seed}/{self.name}/{row.task_id}"))


TRANSFORMATIONS = Registry[Transformation]("transformation")


def transformation(name: str, category: str, *, random: bool = False) -> Callable[[Perturb], Perturb]:
    """A decorator that registers a function; the first line of its docstring describes it."""

    def file(perturb: Perturb) -> Perturb:
        says = (perturb.__doc__ or "").strip().splitlines()[0]
        TRANSFORMATIONS.add(name)(Transformation(name, category, random, says, perturb))
        return perturb

    return file
