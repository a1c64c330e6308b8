"""How many trials start together as one bracket of successive halving."""

from collections.abc import Sequence

from astraios_ray.config.study import StudyConfig


def bracket_size(study: StudyConfig, methods: int, rungs: Sequence[int], *, first: bool) -> int:
    """The size of the next bracket; ``auto``: all trials where the sampler learns nothing between brackets.

    Else ``auto`` is ``reduction`` to the power of the rungs before the last, so that one trial trains in
    full. The first bracket also has room for the start-up trials of each of ``methods`` methods and for the
    enqueued ones.
    """
    search = study.search
    if search.bracket != "auto":
        return search.bracket
    if not learns(study):
        return study.budget.trials
    startup = search.startup_per_method * methods + len(study.enqueue) if first else 0
    bracket: int = study.early_stop.reduction ** (len(rungs) - 1)
    if study.early_stop.rule not in ("halving", "asha"):
        bracket = methods
    return max(startup, bracket)


def learns(study: StudyConfig) -> bool:
    """Whether the suggestions of a bracket depend on the results of earlier brackets."""
    return study.search.sampler == "tpe"
