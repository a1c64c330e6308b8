"""What a comparison leaves open is said in the warnings, and so in every form of the report."""

from dataclasses import replace
from typing import Any

from astraios_ray.records import StudyRecord, TrialResult
from astraios_ray.report.analysis.leaderboard import leaderboard
from astraios_ray.report.sections.cautions import cautions
from astraios_ray.report.sections.conclusion import warnings
from tests.fakes.study_records import record, result, score

RANGE = {"learning_rate": {"min": 1e-4, "max": 1e-2, "log": True}}
EVEN: dict[str, Any] = {"methods": {"lora": RANGE, "ia3": RANGE}}


def said(study: StudyRecord) -> str:
    return " ".join(cautions(leaderboard(study)))


def trial(number: int, method: str = "lora", value: float | None = 0.5, rate: float = 1e-3) -> TrialResult:
    scores = () if value is None else (score(value),)
    made = result(number, method, losses={200: 1.0}, scores=scores)
    return replace(made, spec=replace(made.spec, recipe=replace(made.spec.recipe, learning_rate=rate)))


def repeats(first: TrialResult) -> list[TrialResult]:
    numbers = (first.spec.number + 1000 * n for n in (1, 2))
    return [replace(first, spec=replace(first.spec, number=n, repeat_of=first.spec.id)) for n in numbers]


def test_one_training_seed_is_named_until_the_best_of_each_method_has_several() -> None:
    first, second = trial(0), trial(1, "ia3", 0.4)
    assert "One training seed alone speaks for every method" in said(record(first, second, **EVEN))
    some = record(first, second, *repeats(first), **EVEN)
    assert "One training seed alone speaks for ia3:" in said(some)
    assert "seed" not in said(record(first, second, *repeats(first), *repeats(second), **EVEN))


def test_a_single_trial_is_compared_with_nothing() -> None:
    assert said(record(trial(0), **EVEN)) == ""


def test_a_best_learning_rate_at_an_end_of_its_range_is_named_once_with_its_end() -> None:
    study = record(trial(0, rate=9.9e-3), trial(1, "ia3", 0.4), **EVEN)
    assert "at an end of its range for lora (the upper one): a better one may lie outside." in said(study)
    text = " ".join(warnings(leaderboard(study)))
    assert text.count("end of its range") == 1 and "learning_rate_at_edge" not in text


def test_the_edge_of_a_study_of_one_method_is_named_too() -> None:
    study = record(trial(0, rate=1.01e-4), trial(1, value=0.4), methods={"lora": RANGE})
    assert "for lora (the lower one)" in " ".join(warnings(leaderboard(study)))


def test_the_best_of_unequal_numbers_of_trials_is_named_with_the_numbers() -> None:
    more = record(trial(0), trial(1, value=0.4), trial(2, "ia3"), trial(3, "ia3", None), **EVEN)
    assert "unequal numbers of scored trials (lora 2; ia3 1)" in said(more)
    assert "unequal numbers of trials" not in said(more)
    assert "unequal numbers of trials (lora 2; ia3 1)" in said(
        record(trial(0), trial(1, value=None), trial(2, "ia3"), **EVEN)
    )
    assert "unequal" not in said(record(trial(0), trial(1, "ia3"), **EVEN))


def test_the_order_of_methods_in_the_study_changes_no_sentence() -> None:
    trials = trial(0), trial(1, "ia3", 0.4, 9.9e-3), trial(2, "ia3", 0.3), trial(3, "full", 0.2, 1.01e-4)
    names = ["full", "ia3", "lora"]
    orders = [dict.fromkeys(order, RANGE) for order in (names, names[::-1])]
    assert len({said(record(*trials, methods=methods)) for methods in orders}) == 1


def test_cautions_are_among_the_warnings() -> None:
    study = record(trial(0), trial(1, "ia3", 0.4), **EVEN)
    assert set(cautions(leaderboard(study))) <= set(warnings(leaderboard(study)))
