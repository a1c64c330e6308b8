"""Totals over all trials, kept with every change, so that a look at the progress visits no trial."""

import heapq
from collections import Counter
from collections.abc import Mapping

from astraios_ray.records import TrialResult


class TrialTotals:
    """How many trials ended and how, their steps, and the best of them."""

    def __init__(self) -> None:
        self.trials, self.steps = 0, 0
        self.ended: Counter[str] = Counter()  # by TrialState value
        self._losses: list[tuple[float, int, str]] = []  # a heap; some are not the trial's last any more

    @property
    def open(self) -> int:
        """Trials that have not ended."""
        return self.trials - self.ended.total()

    def change(self, before: TrialResult | None, after: TrialResult) -> None:
        """Count a trial as it stands now; ``before``: as it stood."""
        self.trials += before is None
        self.steps += _step(after) - (_step(before) if before else 0)
        if after.state.ended and not (before and before.state.ended):
            self.ended[after.state.value] += 1
        if after.rankable and after.last and (before is None or before.last != after.last):
            heapq.heappush(self._losses, (after.last.loss, after.spec.number, after.spec.id))

    def best(self, results: Mapping[str, TrialResult]) -> TrialResult | None:
        """The trial with the least last loss, the first of several, among all ``results``."""
        while self._losses:
            loss, _, trial = self._losses[0]
            result = results[trial]
            if result.rankable and result.last and result.last.loss == loss:
                return result
            heapq.heappop(self._losses)
        return None


def _step(result: TrialResult) -> int:
    return result.last.step if result.last else 0
