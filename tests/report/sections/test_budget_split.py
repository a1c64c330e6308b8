"""The report says how trials and steps were split over methods, and with what a trial was compared."""

from dataclasses import replace

from astraios_ray.report.analysis.leaderboard import leaderboard
from astraios_ray.report.sections.budget_split import split_sentences
from tests.fakes.study_records import record, result

STUDY = record(
    result(0, "lora", losses={20: 3.0}),
    result(1, "lora", losses={100: 1.0}),
    result(2, "ia3", losses={40: 2.0}),
)


def sentences(sampler: str) -> list[str]:
    config = {**STUDY.config, "search": {"sampler": sampler}}
    return split_sentences(leaderboard(replace(STUDY, config=config)))


def test_trials_and_the_share_of_steps_of_each_method_are_told() -> None:
    (text,) = sentences("per_method")
    assert "lora 2 (75 %)" in text
    assert "ia3 1 (25 %)" in text
    assert text.endswith("A trial was compared with those of its method alone.")


def test_a_study_whose_methods_competed_says_so() -> None:
    assert sentences("tpe")[0].endswith("A trial was compared with those of all methods.")


def test_a_study_of_one_method_has_nothing_to_split() -> None:
    assert split_sentences(leaderboard(record(result(0, "lora", losses={20: 3.0})))) == []
