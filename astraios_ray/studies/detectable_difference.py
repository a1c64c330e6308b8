"""Which difference between two methods a study's evaluation finds, before anything has run."""

from dataclasses import dataclass, replace
from itertools import product

from astraios_ray.config.study import StudyConfig
from astraios_ray.report.statistics.independent_errors import smallest_difference
from astraios_ray.report.statistics.seeds import expected_errors
from astraios_ray.search.repeats import repeats_expected

# Of two methods' models on the quickstart (docs/report.md): the variance of
PROBLEM_VARIANCE = 0.18  # a problem's difference of shares passed, between problems
GROUP_CORRELATION = 1 / 3  # of these differences, between two problems of one group
SAMPLE_VARIANCE = 0.02  # one sample of a problem, which each of the two has
SEEDS, TIMES = (0, *range(2, 11)), (1, 2, 3, 4, 6, 8, 12, 16)  # that are tried to halve the difference


@dataclass(frozen=True)
class Evaluation:
    """What a task asks of each method."""

    problems: int
    units: int  # independent ones among these: groups, and problems that stand alone
    samples: int
    seeds: int  # as ``evaluate.seeds``; 0: one training run

    @property
    def difference(self) -> float:
        """The difference in score, a fraction, that one test of two methods finds in 80 % of cases."""
        return smallest_difference([self._problem_error, *2 * expected_errors(0.5, self.seeds)])

    @property
    def without_luck(self) -> float:
        """The same if another search and other seeds changed nothing."""
        return smallest_difference([self._problem_error])

    @property
    def halved(self) -> "Evaluation | None":
        """The evaluation of the fewest programs that finds half the difference; None: none that is tried."""
        tried = [self._with(seeds, times) for seeds, times in product(SEEDS, TIMES) if seeds >= self.seeds]
        enough = [one for one in tried if one.difference <= self.difference / 2]
        return min(enough, key=lambda one: (one.problems * max(1, one.seeds), one.seeds), default=None)

    def _with(self, seeds: int, times: int) -> "Evaluation":
        return replace(self, problems=times * self.problems, units=times * self.units, seeds=seeds)

    @property
    def _problem_error(self) -> tuple[float, int]:
        samples = 2 * SAMPLE_VARIANCE / (self.problems * self.samples)
        alike = GROUP_CORRELATION / self.units + (1 - GROUP_CORRELATION) / self.problems
        return PROBLEM_VARIANCE * alike + samples, self.units - 1


def repeats_with_seeds(study: StudyConfig, seeds: int) -> int:
    """How many repeats the study has at most, with so many seeds of each."""
    evaluate = study.evaluate.model_copy(update={"seeds": seeds})
    return repeats_expected(study.model_copy(update={"evaluate": evaluate}))
