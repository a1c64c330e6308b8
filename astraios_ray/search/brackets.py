"""How many trials start together as one bracket of successive halving."""

from collections.abc import Sequence

from astraios_ray.config.study import StudyConfig

STARTUP = 4  # trials of each method that per_method begins with, where it has more
LARGEST = 1000  # trials of one bracket of a sampler that learns nothing
LATER = 2  # trials of each method in its later brackets


def bracket_sizes(study: StudyConfig, methods: int, rungs: Sequence[int], trials: int) -> list[int]:
    """The sizes of all brackets of a study with so many ``trials``."""
    sizes: list[int] = []
    while (trials_left := trials - sum(sizes)) > 0:
        sizes.append(min(trials_left, bracket_size(study, methods, rungs, first=not sizes)))
    return sizes


def bracket_count(study: StudyConfig, methods: int, rungs: Sequence[int], trials: int) -> int:
    """How many brackets a study with so many ``trials`` has."""
    first, later = (bracket_size(study, methods, rungs, first=is_first) for is_first in (True, False))
    return 1 + -(-max(0, trials - first) // later)


def bracket_size(study: StudyConfig, methods: int, rungs: Sequence[int], *, first: bool) -> int:
    """The size of the next bracket; ``auto``: all trials, up to LARGEST, where the sampler learns nothing.

    Else the first bracket has the start-up trials of each of ``methods`` methods and the enqueued ones. A
    later one of ``per_method`` has two trials of each method. One of ``tpe``, and its first one at least, has
    ``reduction`` to the power of the rungs before the last, so that one trial trains in full.
    """
    search = study.search
    if search.bracket != "auto":
        return search.bracket
    if not learns(study):
        return min(study.budget.trials, LARGEST)
    startup = startup_per_method(study) * methods + len(study.enqueue) if first else 0
    if search.within_methods:
        return startup or LATER * methods
    bracket: int = study.early_stop.reduction ** (len(rungs) - 1)
    if study.early_stop.rule not in ("halving", "asha"):
        bracket = methods
    return max(startup, bracket)


def startup_per_method(study: StudyConfig) -> int:
    """The start-up trials of each method; ``auto``: 2 of ``tpe``, and of ``per_method`` 4.

    Where each method has 3 or 4 trials, ``per_method`` leaves one of them to be drawn by what was learnt.
    """
    startup = study.search.startup_per_method
    if startup != "auto":
        return startup
    of_each = study.budget.trials // len(study.methods)
    return min(STARTUP, max(2, of_each - 1)) if study.search.within_methods else 2


def learns(study: StudyConfig) -> bool:
    """Whether the suggestions of a bracket depend on the results of earlier brackets."""
    return study.search.sampler in ("per_method", "tpe")
