"""What a transformation is, and the registry of those there are."""

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
    """One way of changing a row. A row with nothing to change comes back as it was.

    ``random`` says that the seed matters. Names are those of ReCode's released sets (Wang et al. 2022, arXiv
    2212.10264; github.com/amazon-science/recode, dataset-release).
    """

    name: str
    category: str
    random: bool
    says: str  # in one line
    perturb: Perturb

    def __call__(self, row: CodeRow, seed: int) -> CodeRow:
        """The changed row. Depends on the row and the seed alone. Raises DataError for a broken row.

        Syntax leaves rows alone whose prompt holds no code, as ReCode's released rows are.
        """
        if self.category == "syntax" and not has_code(row):
            return row
        return self.perturb(row, Random(f"{seed}/{self.name}/{row.task_id}"))


TRANSFORMATIONS = Registry[Transformation]("transformation")


def transformation(name: str, category: str, *, random: bool = False) -> Callable[[Perturb], Perturb]:
    """A decorator that files a function; the first line of its docstring says what it does."""

    def file(perturb: Perturb) -> Perturb:
        says = (perturb.__doc__ or "").strip().splitlines()[0]
        TRANSFORMATIONS.add(name)(Transformation(name, category, random, says, perturb))
        return perturb

    return file
