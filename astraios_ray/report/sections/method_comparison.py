"""Which method is better than which."""

from collections.abc import Sequence
from typing import Any

from astraios_ray.report.analysis.leaderboard import Leaderboard
from astraios_ray.report.analysis.paired_comparison import (
    Contender,
    Pair,
    PairVerdict,
    gains,
    pairs,
    resolution,
    sides,
)
from astraios_ray.report.sections.pairwise import against_others, gains_words
from astraios_ray.report.sections.section import Section, table
from astraios_ray.report.statistics.seeds import SEED_SPREAD, TUNING_SPREAD
from astraios_ray.report.tables import Cell, Table
from astraios_ray.report.wording import NOTHING, chance, listed, plural, points, title

TITLE = "Which method is better"
SOLVED = "pass_at_1"  # the metric that is the mean of what is tested


def methods_section(board: Leaderboard) -> Section:
    """Pairwise verdicts between the methods' best trials, and what could not be told apart."""
    contenders, between, base = sides(board), pairs(board), [_plain(pair) for pair in gains(board)]
    if len(contenders) < 2:
        words = (_why_none(board, contenders), *(gains_words(board) if contenders else ()))
        return Section("methods", TITLE, words, values={"pairs": [], "base": base})
    least = resolution(between)
    sentences = [against_others(board), *gains_words(board), *_resolution(board, between, least)]
    unscored = [name for name in board.methods if name not in {side.name for side in contenders}]
    if unscored:
        sentences.append(f"Not compared, for want of a score: {listed(unscored)}.")
    return Section(
        "methods",
        TITLE,
        tuple(sentences),
        (
            (f"Verdicts on {_about(between)}", _verdicts(contenders, between)),
            ("Each two methods", _every_pair(between)),
        ),
        _notes(board, contenders, between),
        {
            "about": _about(between),
            "pairs": [_plain(pair) for pair in between],
            "base": base,
            "smallest_difference": least,
        },
    )


def _why_none(board: Leaderboard, contenders: Sequence[Contender]) -> str:
    if not board.scored:
        return "Unknown: no trial was scored, and a loss says nothing about problems solved."
    if not contenders:
        return "Unknown: the scores do not say which problems were solved, so nothing can be paired."
    return f"Unknown: of {plural(len(board.methods), 'method')} only {contenders[0].name} was scored."


def _resolution(board: Leaderboard, between: Sequence[Pair], least: float | None) -> list[str]:
    scores = [row.score for row in board.scored if row.score]
    if least is None or not between:
        return []
    fewest = min((pair.difference for pair in between), key=lambda gap: gap.units)
    samples = min(score.samples for score in scores)
    groups = f" ({plural(fewest.units, 'group')})" if fewest.units < fewest.problems else ""
    asked = f"{plural(fewest.problems, 'problem')}{groups} \u00d7 {plural(samples, 'sample')}"
    return [
        f"With {asked} one test finds 80 % of the differences of {100 * least:.0f} points, "
        "and fewer of smaller ones. A tie says no more."
    ]


def _verdicts(contenders: Sequence[Contender], between: Sequence[Pair]) -> Table:
    relations = {(pair.one.name, pair.other.name): pair.verdict for pair in between}
    relations |= {(other, one): verdict.turned for (one, other), verdict in relations.items()}

    def names(name: str, verdict: PairVerdict) -> str:
        return (
            ", ".join(other.name for other in contenders if relations.get((name, other.name)) is verdict)
            or NOTHING
        )

    lines = [
        [
            side.name,
            names(side.name, PairVerdict.BETTER),
            names(side.name, PairVerdict.TIE),
            names(side.name, PairVerdict.WORSE),
        ]
        for side in contenders
    ]
    titles = ("method", "better than", "not told apart from", "worse than")
    return table([(title, False) for title in titles], lines)


def _every_pair(between: Sequence[Pair]) -> Table:
    lines: list[list[Cell | str]] = [
        [
            f"{pair.one.name} {NOTHING} {pair.other.name}",
            Cell(pair.verdict.value),
            Cell(points(pair.difference.mean, pair.interval), 100 * pair.difference.mean),
            Cell(chance(pair.p_value), pair.p_value),
            Cell(str(pair.difference.problems), pair.difference.problems),
            f"{pair.one.trial} {NOTHING} {pair.other.trial}",
        ]
        for pair in between
    ]
    columns = [("pair", False), ("the first is", False), ("points (95 %)", True), ("p, corrected", True)]
    return table([*columns, ("problems", True), ("trials", False)], lines)


def _about(comparisons: Sequence[Pair]) -> str:
    """What the verdicts speak of: methods, where each was trained with several seeds; else these models."""
    return "methods" if all(pair.of_methods for pair in comparisons) else "these models"


def _notes(board: Leaderboard, contenders: Sequence[Contender], between: Sequence[Pair]) -> tuple[str, ...]:
    other_metric = board.ranking != SOLVED
    return (
        "Exact paired permutation test on the same problems, those of one group together, two-sided at 5 %; "
        f"corrected over {plural(len(between), 'pair')} (Benjamini and Hochberg). Intervals are of each pair "
        "alone.",
        *_luck_notes(contenders),
        *(
            [f"Tested is which problems were solved, not {title(board.ranking)}, by which trials rank."]
            * other_metric
        ),
    )


def _luck_notes(contenders: Sequence[Contender]) -> list[str]:
    """How tests and intervals allow for the luck of seeds, of tuning and of unequal numbers of trials."""
    seeds = f"{100 * SEED_SPREAD:g} points by its training seed"
    tuning = f"{100 * TUNING_SPREAD:g} by which configuration the search chose"
    measured = " (its own spread over seeds counts too, where it has several)"
    notes = [
        "p-values and intervals allow for luck of a method's search: a score of one half is taken to vary by "
        f"{seeds}{measured if any(side.seeds for side in contenders) else ''} and {tuning} (standard "
        "deviations), one near 0 or 1 by less."
    ]
    if len({(side.trials, side.choices) for side in contenders}) > 1:
        numbers = [f"{side.name} {side.trials} ({side.choices})" for side in contenders]
        notes.append(
            "Where the method ahead had more trials, or more scored ones, than the other, its p-value is "
            f"multiplied by the ratio. Trials, in brackets scored ones: {', '.join(numbers)}."
        )
    return notes


def _plain(pair: Pair) -> dict[str, Any]:
    gap = pair.difference
    return {
        "one": pair.one.name,
        "other": pair.other.name,
        "trials": [pair.one.trial, pair.other.trial or None],
        "verdict": pair.verdict.value,
        "difference": gap.mean,
        "interval": pair.interval,
        "about": _about([pair]),
        "p_value": gap.p_value,
        "p_value_corrected": pair.p_value,
        "problems": gap.problems,
        "groups": gap.units,
    }
