"""Updates for an experiment tracker, as plain values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Measure(NamedTuple):
    """One value of one metric."""

    key: str
    value: float
    at: int  # milliseconds since 1970
    step: int


class Status(NamedTuple):
    """The status of a run, in MLflow's words."""

    word: str  # RUNNING | FINISHED | KILLED | FAILED
    at: int  # milliseconds since 1970


@dataclass(frozen=True)
class Update:
    """Values to add to one run."""

    name: str = ""  # from the first event of the run, like ``began``
    began: int = 0  # milliseconds since 1970
    metrics: tuple[Measure, ...] = ()
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    experiment: Mapping[str, str] = field(default_factory=dict)  # tags of the experiment it begins in
    texts: Mapping[str, str] = field(default_factory=dict)  # artifact's path -> its content
    files: Mapping[str, str] = field(default_factory=dict)  # local file or folder -> artifact folder
    status: Status | None = None


def merge(updates: Iterable[Update]) -> Update:
    """One update with the effect of all; later values replace earlier ones."""
    total = Update()
    for new in updates:
        total = Update(
            name=total.name or new.name,
            began=total.began or new.began,
            metrics=total.metrics + new.metrics,
            params={**total.params, **new.params},
            tags={**total.tags, **new.tags},
            experiment={**total.experiment, **new.experiment},
            texts={**total.texts, **new.texts},
            files={**total.files, **new.files},
            status=new.status or total.status,
        )
    return total
