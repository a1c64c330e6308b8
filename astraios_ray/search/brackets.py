"""Which trials start together: a cohort, which is a bracket of successive halving."""

from collections.abc import Sequence

from astraios_ray.config.study import StudyConfig


def cohort_size(study: StudyConfig, methods: int, rungs: Sequence[int], *, first: bool) -> int:
    """``auto``: the whole budget where nothing is learned between cohorts, else a bracket's worth.

    A bracket ends with one trial: ``reduction`` to the power of the rungs before the last. The first cohort
    also has room for the start-up trials of each of ``methods`` methods and for the enqueued ones.
    """
    search = study.search
    if search.cohort != "auto":
        return search.cohort
    if not learns(study):
        return study.budget.trials
    startup = search.startup_per_method * methods + len(study.enqueue) if first else 0
    bracket: int = study.early_stop.reduction ** (len(rungs) - 1)
    if study.early_stop.rule not in ("halving", "asha"):
        bracket = methods
    return max(startup, bracket)


def learns(study: StudyConfig) -> bool:
    """Whether a cohort's proposals depend on how the trials of earlier cohorts ended."""
    return study.search.sampler == "tpe"
