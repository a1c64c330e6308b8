"""A paper's scores beside those of the studies."""

from collections.abc import Mapping, Sequence

from astraios_ray.report.analysis.leaderboard import Leaderboard
from astraios_ray.report.analysis.published_scores import ComparedScore, beside, orders, published_scores
from astraios_ray.report.sections.agreements import spearman
from astraios_ray.report.sections.section import Section, table
from astraios_ray.report.statistics.agreement import FEWEST, Agreement
from astraios_ray.report.tables import Cell
from astraios_ray.report.wording import listed, percent, plural, with_interval

COLUMNS = (
    ("task", False),
    ("metric", False),
    ("method", False),
    ("study", False),
    ("here (95 %)", True),
    ("base of the paper", False),
    ("paper", True),
)
PROVENANCE = (
    "The paper's scores are ours, computed from the completions that its authors published "
    "(github.com/bigcode-project/astraios), with the prompts, cuts and tests of their scripts."
)


def published_section(boards: Mapping[str, Leaderboard], paper: str) -> Section:
    """Per task and method the studies' scores beside the paper's, and how far the methods' orders agree."""
    scores = published_scores(paper)
    pairs = beside(boards, scores)
    sentences = [_coverage(pairs, len(scores)), *_within(pairs), *_orders(orders(pairs)), PROVENANCE]
    return Section(
        "published",
        f"Beside the scores of {paper}",
        tuple(sentences),
        (("Task by task", table(COLUMNS, list(map(_line, pairs)))),) if pairs else (),
        values={"paper": paper, "scores": list(map(_plain, pairs))},
    )


def _coverage(pairs: Sequence[ComparedScore], count: int) -> str:
    if not pairs:
        return f"None of the paper's {count} scores is of a method and a task that these studies scored."
    tasks = list(dict.fromkeys(pair.task for pair in pairs))
    methods = list(dict.fromkeys(pair.method for pair in pairs))
    return f"The paper's scores of {listed(methods)} on {listed(tasks)} have one here beside them."


def _within(pairs: Sequence[ComparedScore]) -> list[str]:
    compared = [pair for pair in pairs if pair.agrees is not None]
    if pairs and not compared:
        return ["No study is of a base model of the paper: orders can be compared, and scores cannot."]
    if not compared:
        return []
    inside = sum(bool(pair.agrees) for pair in compared)
    return [
        f"On the same base {inside} of {plural(len(compared), 'score')} of the paper "
        f"{'lies' if inside == 1 else 'lie'} inside the 95 % interval here."
    ]


def _orders(agreements: Mapping[tuple[str, str, str, str], Agreement | None]) -> list[str]:
    agreed = [
        f"{study} and {base} agree on the order of {order.count} methods on {task} ({metric}) by "
        f"{spearman(order, '; Spearman')}."
        for (study, task, metric, base), order in agreements.items()
        if order is not None
    ]
    few = sum(order is None for order in agreements.values())
    too_few = f"{plural(few, 'order')} cannot be told: fewer than {FEWEST} methods are in both."
    return [*agreed, *[too_few] * bool(few)]


def _line(pair: ComparedScore) -> list[Cell | str]:
    return [
        pair.task,
        pair.metric,
        pair.method,
        pair.study,
        Cell(with_interval(pair.value, pair.interval), pair.value),
        pair.published.base,
        Cell(percent(pair.published.value), pair.published.value),
    ]


def _plain(pair: ComparedScore) -> dict[str, object]:
    return {
        "study": pair.study,
        "task": pair.task,
        "metric": pair.metric,
        "method": pair.method,
        "value": pair.value,
        "interval": pair.interval,
        "base": pair.published.base,
        "published": pair.published.value,
        "problems": pair.published.problems,
        "samples": pair.published.samples,
        "generations": pair.published.generations,
        "agrees": pair.agrees,
    }
