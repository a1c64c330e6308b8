"""A task's problems inside the region that was masked out of training, and outside."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from astraios_ray.data.parts import read_parts
from astraios_ray.data.regions import Region, fit_region
from astraios_ray.errors import ConfigError
from astraios_ray.evaluation.evaluator import Evaluator, Problem
from astraios_ray.evaluation.loading import load_evaluator, load_problems
from astraios_ray.records import DataRef, Mask, Value

INSIDE, OUTSIDE = "region", "rest"


@dataclass(frozen=True)
class Scenario:
    """Which problems lie in the region, and what was measured to draw it."""

    inside: frozenset[str]
    boundaries: Mapping[str, Value]

    def side(self, problem: str) -> str:
        """The side of one problem: ``region`` or ``rest``."""
        return INSIDE if problem in self.inside else OUTSIDE


@cache
def scenario(task: str | Path, data: DataRef) -> Scenario | None:
    """Which problems of a task lie in the region that ``data`` masks; None without a mask.

    A problem lies where its right answer lies. The regions are measured once per process. Raises ConfigError
    when the task has no right answers, and when none or all of its problems lie in the region.
    """
    if data.mask is None:
        return None
    evaluator, region = load_evaluator(task), _region(data, data.mask)
    problems = list(load_problems(task).values())
    in_region = region.holds([right_code(evaluator, problem) for problem in problems])
    inside = frozenset(
        problem.id for problem, is_inside in zip(problems, in_region, strict=True) if is_inside
    )
    if not 0 < len(inside) < len(problems):
        raise ConfigError(
            f"ood: {len(inside)} of {len(problems)} problems of {task} lie in the region {data.mask.region} "
            f"({dict(region.boundaries)}); expected some and not all."
        )
    return Scenario(inside, {"region": data.mask.region, **region.boundaries})


def right_code(evaluator: Evaluator, problem: Problem) -> str:
    """The whole right answer, with the declaration that the prompt ends with. Raises ConfigError for none."""
    reference = evaluator.reference(problem)
    if reference is None:
        raise ConfigError(f"ood: problem {problem.id} of {evaluator.name} has no right answer to look at.")
    return reference.text if reference.whole else problem.answer.get("declaration", "") + reference.text


@cache
def _region(data: DataRef, mask: Mask) -> Region:
    return fit_region(mask, [row.completion for row in read_parts(data).training])
