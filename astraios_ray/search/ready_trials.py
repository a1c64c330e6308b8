"""The trials that may train next, kept in order as they come and go."""

from bisect import bisect_left, insort


class ReadyTrials:
    """Trials that no train task is out for: those with the most steps first, then by their ids.

    None of its calls visits every trial.
    """

    def __init__(self) -> None:
        self._order: list[tuple[int, str]] = []
        self._steps: dict[str, int] = {}
        self._of_set: dict[str, set[str]] = {}  # by training set

    def add(self, trial: str, step: int, training_set: str) -> None:
        """Add a trial whose checkpoint is at ``step``."""
        if trial not in self._steps:
            self._steps[trial] = step
            self._of_set.setdefault(training_set, set()).add(trial)
            insort(self._order, (-step, trial))

    def discard(self, trial: str, training_set: str) -> None:
        """Remove a trial, if it is here."""
        step = self._steps.pop(trial, None)
        if step is not None:
            self._of_set[training_set].discard(trial)
            del self._order[bisect_left(self._order, (-step, trial))]

    def any_of(self, training_set: str) -> bool:
        """Whether there is a trial of a training set."""
        return bool(self._of_set.get(training_set))

    def in_order(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(trial for _, trial in self._order)
