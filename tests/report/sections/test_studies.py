"""Several studies side by side."""

from dataclasses import replace

import pytest

from astraios_ray.report.sections.studies import plain, rows, sentences, side_by_side
from astraios_ray.report.wording import NOTHING
from tests.fakes.planted_studies import planted
from tests.fakes.study_records import quickstart, record, result

CLEAR = {"lora": 1.5, "ia3": 0.0, "full": -1.5}
SEVEN = {f"m{number}": number - 3.0 for number in range(7)}


def test_methods_stand_in_lines_and_studies_in_columns() -> None:
    small = record(result(0, "lora", losses={200: 0.9}), methods={"lora": None, "p_tuning": None})
    studies = side_by_side([replace(planted(1, CLEAR), name="large"), small])
    titles, *lines = rows(studies)
    assert titles == ["method", "large", "quickstart"]
    by_method = {line[0]: line[1:] for line in lines}
    assert by_method["lora"][0].endswith(tuple(f"t000{n}" for n in range(3)))
    assert by_method["lora"][1] == "loss 0.9000 t0000" and by_method["p_tuning"] == [NOTHING, NOTHING]


def test_two_studies_of_one_name_are_told_apart_by_folder() -> None:
    one, other = quickstart(), replace(quickstart(), folder="runs/again")
    assert list(side_by_side([one, other]).boards) == ["runs/quickstart", "runs/again"]


def test_the_best_of_two_studies_are_tested_on_the_same_problems() -> None:
    weak = replace(planted(1, {"ia3": -2.0}), name="weak")
    (pair,) = side_by_side([planted(1, CLEAR), weak]).pairs
    assert (pair.one.name, pair.other.name) == ("quickstart's lora", "weak's ia3")
    assert pair.verdict.value == "better"
    assert any(
        sentence.startswith("This model of quickstart's lora (t000")
        and "is better than the model of weak's ia3: +" in sentence
        for sentence in sentences(side_by_side([planted(1, CLEAR), weak]))
    )


def test_studies_that_agree_on_methods_say_how_far() -> None:
    one, other = (replace(planted(seed, SEVEN, spread=0.1), name=f"s{seed}") for seed in (1, 2))
    studies = side_by_side([one, other])
    order = studies.orders["s1", "s2"]
    assert order is not None and order.spearman == pytest.approx(1.0) and order.count == 7
    assert plain(studies)["orders"] == [
        {"studies": ("s1", "s2"), "spearman": pytest.approx(1.0), "methods": 7}
    ]


def test_few_methods_in_common_have_no_order() -> None:
    one, other = planted(1, CLEAR), replace(planted(2, CLEAR), name="other")
    assert "fewer than 5 comparable methods" in " ".join(sentences(side_by_side([one, other])))


def test_what_is_not_the_same_is_said() -> None:
    other = record(result(0, losses={200: 1.0}), model={"id": "builtin:nano-l"})
    text = " ".join(sentences(side_by_side([quickstart(), replace(other, name="large")])))
    assert "Not the same in all: model.id (builtin:nano-s, builtin:nano-l)" in text


def test_a_study_without_trials_has_nothing_to_rank() -> None:
    text = sentences(side_by_side([quickstart(), replace(record(), name="empty")]))
    assert "empty: nothing can be ranked." in text
