"""The wall time and GPU-hours that a search has used of its budget."""

from time import monotonic

from astraios_ray.config.study import BudgetConfig

SPENT = "the study's budget is spent"  # why a trial was stopped


class BudgetMeter:
    """Measures from its construction on. All boards of a study share one."""

    def __init__(self, budget: BudgetConfig) -> None:
        self._budget = budget
        self._started = monotonic()
        self.seconds_before = 0.0  # wall time of earlier sessions
        self.gpus = 0.0  # set by the backend: the GPUs that the search holds

    @property
    def seconds(self) -> float:
        """Wall time of the search, earlier sessions included."""
        return self.seconds_before + monotonic() - self._started

    @property
    def over(self) -> bool:
        """Whether the wall time or the GPU-hours are spent."""
        seconds, budget = self.seconds, self._budget
        too_long = budget.wall_minutes is not None and seconds > 60 * budget.wall_minutes
        too_dear = budget.gpu_hours is not None and seconds * self.gpus > 3600 * budget.gpu_hours
        return too_long or too_dear
