"""Scores that the models of a paper have, as data of this package, beside those of a study."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from astraios_ray.config.config_problems import near
from astraios_ray.errors import ConfigError
from astraios_ray.report.analysis.leaderboard import Leaderboard, interval, metric, score_of
from astraios_ray.report.statistics.agreement import Agreement, agreement

FOLDER = Path(__file__).parents[1] / "published"
BASES = {  # the model id of each size, by paper
    "astraios": {
        "1b": "bigcode/starcoderbase-1b",
        "3b": "bigcode/starcoderbase-3b",
        "7b": "bigcode/starcoderbase-7b",
        "15b": "bigcode/starcoderbase",
    }
}


@dataclass(frozen=True)
class PublishedScore:
    """One metric of one model: a line of ``published/<paper>.csv``.

    ``value`` is a share from 0 to 1. ``generations`` is the authors' file of completions, or empty.
    """

    base: str  # model id
    method: str
    task: str  # as in Score.evaluator
    metric: str
    value: float
    problems: int
    samples: int  # per problem
    generations: str


@dataclass(frozen=True)
class ComparedScore:
    """A study's best trial of a method and a paper's model of it, asked the same task.

    ``interval`` (95 %) is of the study's score, None where it has none.
    """

    study: str
    task: str
    metric: str
    method: str
    value: float
    interval: tuple[float, float] | None
    published: PublishedScore
    same_base: bool

    @property
    def agrees(self) -> bool | None:
        """Whether the paper's score lies in the interval of the study's; None on another base model."""
        if not self.same_base or self.interval is None:
            return None
        return self.interval[0] <= self.published.value <= self.interval[1]


def published_scores(paper: str) -> tuple[PublishedScore, ...]:
    """All scores of ``paper``. Raises ConfigError for a name that there is no table of."""
    if paper not in BASES:
        raise ConfigError(
            f"no published scores of {paper!r}{near(paper, BASES)}; there are {', '.join(BASES)}"
        )
    with (FOLDER / f"{paper}.csv").open(newline="") as file:
        return tuple(_score(line, BASES[paper]) for line in csv.DictReader(file))


def beside(boards: Mapping[str, Leaderboard], scores: Iterable[PublishedScore]) -> list[ComparedScore]:
    """Each study's best of a method with every published score of that method on a task that both asked."""
    return [
        pair
        for name, board in boards.items()
        for score in scores
        if (pair := _beside(name, board, score)) is not None
    ]


def orders(pairs: Iterable[ComparedScore]) -> dict[tuple[str, str, str, str], Agreement | None]:
    """How far a study and a paper agree on the order of the methods: by study, task, metric and base.

    None for fewer than 5 methods that both have.
    """
    together: dict[tuple[str, str, str, str], list[tuple[float, float]]] = {}
    for pair in pairs:
        key = (pair.study, pair.task, pair.metric, pair.published.base)
        together.setdefault(key, []).append((pair.value, pair.published.value))
    return {key: agreement(*zip(*values, strict=True)) for key, values in together.items()}


def _score(line: Mapping[str, str], bases: Mapping[str, str]) -> PublishedScore:
    return PublishedScore(
        base=bases[line["size"]],
        method=line["method"],
        task=line["task"],
        metric=line["metric"],
        value=float(line["percent"]) / 100,
        problems=int(line["problems"]),
        samples=int(line["samples"]),
        generations=line["generations"],
    )


def _beside(name: str, board: Leaderboard, published: PublishedScore) -> ComparedScore | None:
    row = board.best_per_method.get(published.method)
    score = score_of(row.result.scores, published.task) if row else None
    value = metric(score, published.metric)
    if value is None:
        return None
    return ComparedScore(
        study=name,
        task=published.task,
        metric=published.metric,
        method=published.method,
        value=value,
        interval=interval(score, published.metric),
        published=published,
        same_base=board.record.config.get("model", {}).get("id") == published.base,
    )
