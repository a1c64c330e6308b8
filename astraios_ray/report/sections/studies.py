"""Several studies side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from astraios_ray.records import StudyRecord
from astraios_ray.report.analysis.leaderboard import Leaderboard, LeaderboardRow, leaderboard, section
from astraios_ray.report.analysis.paired_comparison import Contender, Pair, sides, verdicts
from astraios_ray.report.analysis.scale import Scale, scale
from astraios_ray.report.sections.agreements import spearman
from astraios_ray.report.sections.conclusion import describe
from astraios_ray.report.sections.pairwise import rival_words, subject_words
from astraios_ray.report.sections.published import published_section
from astraios_ray.report.sections.scale import scale_section
from astraios_ray.report.sections.section import Section
from astraios_ray.report.statistics.agreement import FEWEST, Agreement, agreement
from astraios_ray.report.wording import NOTHING, chance, denominator, loss, percent, points, with_interval

SAME = (("model", "id"), ("data", "train"), ("data", "sequence_length"), ("training", "max_steps"))


@dataclass(frozen=True)
class Studies:
    """Studies under distinct names, and the comparisons between them.

    ``pairs``: each two studies' best on the same problems. ``orders``: how far two studies agree on the order
    of the methods, None for fewer than 5 methods in common. ``different``: settings that are not the same.
    ``scale``: what changes with the size of the base model. ``published``: a paper's scores beside.
    """

    boards: Mapping[str, Leaderboard]
    pairs: tuple[Pair, ...]
    orders: Mapping[tuple[str, str], Agreement | None]
    different: Mapping[str, tuple[Any, ...]]
    scale: Scale
    published: Section | None = None

    @property
    def sized(self) -> bool:
        """Whether the studies are of more than one base model, so that their sizes have something to say."""
        return "model.id" in self.different

    @property
    def section(self) -> Section:
        """How the methods fare as the base model grows."""
        return scale_section(self.scale)

    @property
    def sections(self) -> tuple[Section, ...]:
        """What is said beyond the studies' best: of sizes, and of a paper's scores."""
        return (*[self.section] * self.sized, *([self.published] if self.published else []))


def side_by_side(
    records: Sequence[StudyRecord], at: float | None = None, published: str | None = None
) -> Studies:
    """Compare studies. Two of one name are told apart by their folders.

    ``at`` is the number of base parameters to predict losses for; None: one more step up. ``published`` is
    the name of a paper whose scores are laid beside. Raises ConfigError for an unknown one.
    """
    names = [record.name for record in records]
    named = [name if names.count(name) == 1 else r.folder for name, r in zip(names, records, strict=True)]
    boards = dict(zip(named, map(leaderboard, records), strict=True))
    best = [(name, contenders[0]) for name, board in boards.items() if (contenders := sides(board))]
    couples = [
        (_renamed(one, name), _renamed(other, other_name))
        for (name, one), (other_name, other) in combinations(best, 2)
        if boards[name].task == boards[other_name].task
    ]
    orders = {(one, other): _order(boards[one], boards[other]) for one, other in combinations(boards, 2)}
    paper = published_section(boards, published) if published else None
    return Studies(boards, verdicts(couples), orders, _different(records), scale(boards, at), paper)


def rows(studies: Studies) -> list[list[str]]:
    """A line per method, a column per study: the best score, or loss where there is none; titles first."""
    methods = dict.fromkeys(name for board in studies.boards.values() for name in board.methods)
    best = {name: board.best_per_method for name, board in studies.boards.items()}
    lines = [[method, *(_best_cell(best[name].get(method)) for name in studies.boards)] for method in methods]
    return [["method", *studies.boards], *lines]


def sentences(studies: Studies) -> list[str]:
    """What can be said of the studies together, each number with its denominator."""
    return [
        *(f"{name}: {_best(board)}" for name, board in studies.boards.items()),
        *map(_pair, studies.pairs),
        *(_agreed(*names, order) for names, order in studies.orders.items()),
        *(
            f"Not the same in all: {key} ({', '.join(map(str, values))}). Losses may not be comparable."
            for key, values in studies.different.items()
        ),
    ]


def plain(studies: Studies) -> dict[str, Any]:
    """The studies as plain values, for JSON."""
    return {
        "studies": {
            name: {
                "task": board.task,
                "methods": {method: _row(row) for method, row in board.best_per_method.items()},
            }
            for name, board in studies.boards.items()
        },
        "pairs": [
            {
                "one": pair.one.name,
                "other": pair.other.name,
                "verdict": pair.verdict.value,
                "difference": pair.difference.mean,
                "problems": pair.difference.problems,
                "p_value_corrected": pair.p_value,
            }
            for pair in studies.pairs
        ],
        "orders": [
            {"studies": names, "spearman": order and order.spearman, "methods": order and order.count}
            for names, order in studies.orders.items()
        ],
        "different": dict(studies.different),
        "scale": dict(studies.section.values),
        **({"published": dict(studies.published.values)} if studies.published else {}),
    }


def _row(row: LeaderboardRow | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {"trial": row.trial, "pass_at_1": row.value, "validation_loss": row.validation_loss}


def _renamed(side: Contender, study: str) -> Contender:
    return replace(side, name=f"{study}'s {side.name}")


def _order(one: Leaderboard, other: Leaderboard) -> Agreement | None:
    first, second = _qualities(one), _qualities(other)
    common = [method for method in first if method in second]
    return agreement([first[method] for method in common], [second[method] for method in common])


def _qualities(board: Leaderboard) -> dict[str, float]:
    """Of every method that can be compared: its best score, or where none was scored, minus its loss."""
    best = {method: row for method, row in board.best_per_method.items() if row and row.rank}
    if board.scored:
        return {method: row.value for method, row in best.items() if row.value is not None}
    return {m: -row.validation_loss for m, row in best.items() if row.full_length and row.validation_loss}


def _different(records: Sequence[StudyRecord]) -> dict[str, tuple[Any, ...]]:
    settings = {
        f"{block}.{key}": tuple(section(record.config, block).get(key) for record in records)
        for block, key in SAME
    }
    return {key: values for key, values in settings.items() if len(set(map(str, values))) > 1}


def _best_cell(row: LeaderboardRow | None) -> str:
    if row is None or row.rank is None:
        return NOTHING
    if row.value is not None:
        return f"{percent(row.value)} {row.trial}"
    step = "" if row.full_length else f" at step {row.step}"
    return f"loss {loss(row.validation_loss)}{step} {row.trial}"


def _best(board: Leaderboard) -> str:
    if board.scored:
        row = board.scored[0]
        assert row.score
        number = with_interval(row.value, row.interval)
        return f"{describe(row)} with {number} on {board.task} over {denominator(row.score)}."
    if board.ranked:
        return (
            f"{describe(board.ranked[0])} with loss {loss(board.ranked[0].validation_loss)}; none was scored."
        )
    return "nothing can be ranked."


def _pair(pair: Pair) -> str:
    gap = points(pair.difference.mean, pair.interval)
    relation = "not told apart from" if pair.verdict.value == "tie" else f"{pair.verdict.value} than"
    subject = subject_words(pair.one)
    return (
        f"{subject[0].upper()}{subject[1:]} is {relation} {rival_words([pair.other])}: "
        f"{gap} points on {pair.difference.problems} problems, p {chance(pair.p_value)}."
    )


def _agreed(one: str, other: str, order: Agreement | None) -> str:
    if order is None:
        return f"{one} and {other} share fewer than {FEWEST} comparable methods: no order to compare."
    correlation = spearman(order, "; Spearman")
    return f"{one} and {other} agree on the order of {order.count} methods by {correlation}."
