"""Scores in a region, related to those of training on everything."""

from dataclasses import replace
from typing import Any

import pytest

from astraios_ray.errors import ConfigError
from astraios_ray.records import Mask, Score, StudyRecord, TrialResult
from astraios_ray.report.analysis.out_of_distribution import scenarios
from tests.fakes.study_records import record, result


def scored(region: float, rest: float) -> Score:
    metrics = {"pass_at_1": 0.5, "pass_at_1/region": region, "pass_at_1/rest": rest}
    counts = {"pass_at_1/region": 10, "pass_at_1/rest": 30}
    return Score("primer", metrics, problems=40, samples=20, counts=counts, region={"region": "length"})


def trained_on(training_set: str, result: TrialResult) -> TrialResult:
    data = replace(result.spec.data, mask=Mask("length", training_set=training_set))
    return replace(result, spec=replace(result.spec, data=data))


def study(training_set: str, lora: float, ia3: float, **config: Any) -> StudyRecord:
    results = (
        result(0, "lora", losses={200: 0.5}, scores=(scored(lora, 0.8),)),
        result(1, "lora", losses={200: 0.6}, scores=(scored(0.99, 0.99),)),  # a better score, a worse loss
        result(2, "ia3", losses={200: 0.7}, scores=(scored(ia3, 0.6),)),
        result(3, "ia3", losses={200: 0.1}),  # was not scored
    )
    ood = {"region": "length", "low": 0.8, "training_sets": [training_set]}
    plain = record(*results, base=(scored(0.1, 0.2),), ood=ood, **config)
    return replace(
        plain, folder=f"runs/{training_set}", results=tuple(trained_on(training_set, r) for r in results)
    )


STUDIES = [study("ood", 0.1, 0.3), study("full", 0.4, 0.6), study("few", 0.3, 0.6)]


def test_every_method_is_related_to_itself_trained_on_everything() -> None:
    ratios = {
        (cell.method, cell.training_set): cell.ratio for cell in scenarios(STUDIES) if cell.side == "region"
    }
    assert ratios == {
        ("base", "full"): None,
        ("ia3", "full"): None,
        ("ia3", "few"): 1.0,
        ("ia3", "ood"): 0.5,
        ("lora", "full"): None,
        ("lora", "few"): pytest.approx(0.75),
        ("lora", "ood"): pytest.approx(0.25),
    }


def test_a_method_stands_with_its_scored_trial_of_least_loss() -> None:
    trials = {cell.method: cell.trial for cell in scenarios(STUDIES)}
    assert trials == {"base": None, "lora": "t0000", "ia3": "t0002"}


def test_a_ratio_to_nothing_is_none() -> None:
    cells = scenarios([study("full", 0.0, 0.0), study("ood", 0.2, 0.2)])
    assert {cell.ratio for cell in cells if cell.side == "region"} == {None}


def test_studies_that_cannot_be_compared_are_told_all_at_once() -> None:
    other = study("few", 0.3, 0.6, budget={"trials": 99})
    with pytest.raises(ConfigError) as caught:
        scenarios([study("ood", 0.1, 0.3), other, study("few", 0.3, 0.6)])
    assert str(caught.value).splitlines() == [
        "runs/few: trains on few, as runs/few does",
        "none of the studies has full in ood.training_sets, to which the others are related",
        "runs/few: budget is not that of runs/ood",
    ]


def test_a_study_without_the_block_is_told() -> None:
    with pytest.raises(ConfigError, match="runs/quickstart: has no block ood"):
        scenarios([study("full", 0.4, 0.6), record(result(0))])
