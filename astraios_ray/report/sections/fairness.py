"""Is the comparison fair? One table and the same sentences for a plan and for a report."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from astraios_ray.report.analysis.conditions import RECIPE, MethodConditions, board_conditions
from astraios_ray.report.analysis.fairness import (
    Fairness,
    fairness,
    front_words,
    precision_words,
    template_words,
)
from astraios_ray.report.analysis.leaderboard import Leaderboard
from astraios_ray.report.sections.section import Section, table
from astraios_ray.report.tables import Table
from astraios_ray.report.wording import NOTHING, count, listed, rate

TITLE = "Is the comparison fair?"
NOTE = (
    "What belongs to a method is no warning: its targets, its parameters, and where the range of its "
    "learning rates lies."
)
NOT_RECORDED = "Precision, targets and special tokens are not known."
Words = Callable[[MethodConditions], str]


def fairness_section(board: Leaderboard) -> Section | None:
    """The conditions of the methods, and where they differ. None for a study of one method."""
    check = fairness(board_conditions(board))
    if len(check.methods) < 2:
        return None
    tables = (("Conditions that differ between methods", fairness_table(check)),)
    return Section("fairness", TITLE, fairness_sentences(check), tables, (NOTE,), fairness_values(check))


def fairness_sentences(check: Fairness) -> tuple[str, ...]:
    """A sentence for each warning, which begins with its name, and one about what is equal."""
    warnings = [f"{warning.name}: {warning.words}" for warning in check.warnings]
    first = check.methods[0]
    equal = [f"{title} {words(first)}" for title, words in _equal(check) if words(first)]
    return (
        *(warnings or [_no_warning(check)]),
        *([f"Equal for all methods: {', '.join(equal)}."] if equal else []),
        *([] if any(each.weights for each in check.methods) else [NOT_RECORDED]),
    )


def _no_warning(check: Fairness) -> str:
    beside = "" if "trials" in dict(_equal(check)) else "beside their numbers of trials, "
    return f"No warning: {beside}the {len(check.methods)} methods differ in nothing but the method."


def fairness_table(check: Fairness) -> Table:
    """A line for each method, and a column for each condition that differs."""
    columns = [condition for condition in CONDITIONS if condition not in _equal(check)]
    lines = [[each.method, *(words(each) or NOTHING for _, words in columns)] for each in check.methods]
    return table([("method", False), *((title, False) for title, _ in columns)], lines)


def fairness_values(check: Fairness) -> dict[str, Any]:
    """The check as plain values."""
    methods = {
        each.method: {**asdict(each), "share": each.share, "decades": each.decades} for each in check.methods
    }
    return {"methods": methods, "warnings": [asdict(warning) for warning in check.warnings]}


def warning_names(board: Leaderboard) -> tuple[str, ...]:
    """The names of a study's warnings."""
    return tuple(dict.fromkeys(warning.name for warning in fairness(board_conditions(board)).warnings))


def _equal(check: Fairness) -> list[tuple[str, Words]]:
    """The conditions that are the same for all methods, or known of none."""
    return [(title, words) for title, words in CONDITIONS if len(set(map(words, check.methods))) == 1]


def _parameters(each: MethodConditions) -> str:
    return _span(each.parameters, count)


def _share(each: MethodConditions) -> str:
    return _span(each.share, lambda share: f"{100 * share:.3g}") + " %" if each.share else ""


def _rates(each: MethodConditions) -> str:
    return f"{_span(each.learning_rates, rate)} ({each.decades:.1f})" if each.decades is not None else ""


def _best_rate(each: MethodConditions) -> str:
    return f"{rate(each.best_rate)}{', at an end' if each.at_edge else ''}" if each.best_rate else ""


def _size(each: MethodConditions) -> str:
    return "" if each.size_values is None else "fixed" if each.size_values == 1 else "searched"


def _steps(each: MethodConditions) -> str:
    return f"{count(each.steps[0])}, longest {count(each.steps[1])}" if each.steps else ""


def _number(value: int | None) -> str:
    return "" if value is None else count(value)


def _span(ends: tuple[Any, Any] | None, words: Callable[[Any], str]) -> str:
    if ends is None:
        return ""
    first, last = map(words, ends)
    return first if first == last else f"{first} to {last}"


def _of_recipe(field: str) -> Words:
    return lambda each: (each.recipe or {}).get(field, "")


CONDITIONS: tuple[tuple[str, Words], ...] = (
    ("trained in", precision_words),
    ("base", lambda each: each.base),
    ("parameters", _parameters),
    ("share", _share),
    ("targets", lambda each: listed(each.targets)),
    ("template", template_words),
    ("before a text", lambda each: front_words(each.text_front)),
    ("before a prompt", lambda each: front_words(each.prompt_front)),
    ("learning rates (decades)", _rates),
    ("best rate", _best_rate),
    ("size", _size),
    ("trials", lambda each: _number(each.trials)),
    ("scored", lambda each: _number(each.scored)),
    ("full length", lambda each: _number(each.full_length)),
    ("steps", _steps),
    *((field.replace("_", " "), _of_recipe(field)) for field in RECIPE),
)
