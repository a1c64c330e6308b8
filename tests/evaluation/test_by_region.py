"""Scores inside and outside of the region that was masked out of training."""

import pytest

from astraios_ray.errors import ConfigError
from astraios_ray.evaluation.by_region import Scenario, right_code, scenario
from astraios_ray.evaluation.judging import score
from astraios_ray.evaluation.loading import load_evaluator, load_problems
from astraios_ray.records import DataRef, Mask, Outcome, Verdict

PRIMER = DataRef("builtin:primer", mask=Mask("syntax", element="ListComp"))


def test_a_problem_lies_where_its_right_answer_lies() -> None:
    sides = scenario("primer", PRIMER)
    assert sides is not None
    assert sides.boundaries == {"region": "syntax", "element": "ListComp"}
    evaluator = load_evaluator("primer")
    for name, problem in load_problems("primer").items():
        code = right_code(evaluator, problem)
        assert code.startswith("def ")
        assert sides.side(name) == ("region" if "[" in code and " for " in code else "rest")


def test_without_a_mask_there_are_no_sides() -> None:
    assert scenario("primer", DataRef("builtin:primer")) is None


def test_a_task_that_lies_on_one_side_is_refused() -> None:
    with pytest.raises(ConfigError, match="0 of 6 problems of defect_detection"):
        scenario("defect_detection?data=builtin", PRIMER)


def test_a_score_has_each_metric_for_all_and_for_either_side() -> None:
    problems = list(load_problems("primer"))
    sides = Scenario(frozenset(problems[:10]), {"region": "syntax"})
    verdicts = [
        Verdict(name, 0, Outcome.PASSED if number < 4 or number >= 30 else Outcome.FAILED)
        for number, name in enumerate(problems)
    ]
    result = score("primer", verdicts, {}, sides)
    assert result.metrics["pass_at_1"] == (4 + 130) / 160
    assert result.metrics["pass_at_1/region"] == 0.4
    assert result.metrics["pass_at_1/rest"] == pytest.approx(130 / 150)
    assert result.counts["pass_at_1/region"] == 10
    assert result.region == {"region": "syntax"}


def test_a_side_without_a_problem_has_no_number() -> None:
    (first, *_) = load_problems("primer")
    result = score("primer", [Verdict(first, 0, Outcome.PASSED)], {}, Scenario(frozenset(), {}))
    assert set(result.metrics) == {"pass_at_1", "pass_at_1/rest"}
