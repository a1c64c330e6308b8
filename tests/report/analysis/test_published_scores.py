"""A paper's scores as data: the same as the re-scored tables, and laid beside the right trials."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from astraios_ray.config.read_study import load_study
from astraios_ray.errors import ConfigError
from astraios_ray.methods import METHODS
from astraios_ray.records import Score, StudyRecord
from astraios_ray.report.analysis.leaderboard import leaderboard
from astraios_ray.report.analysis.published_scores import BASES, beside, orders, published_scores
from tests.fakes.study_records import record, result

EXPECTED = Path(__file__).parents[3].parent / "shared" / "data" / "expected"
SCORES = published_scores("astraios")
TASK = "humanevalpack_synthesize"


def study(values: dict[str, float], *, model: str) -> StudyRecord:
    """A study with one scored trial of each method; intervals are 5 points to both sides."""
    scores = {
        method: Score(TASK, {"pass_at_1": value}, {"pass_at_1": (value - 0.05, value + 0.05)}, 164, 20, 0)
        for method, value in values.items()
    }
    results = [
        result(number, method, losses={200: 1.0}, scores=(score,))
        for number, (method, score) in enumerate(scores.items())
    ]
    return record(*results, model={"id": model})


def test_every_score_is_of_a_method_and_a_task_of_the_papers_studies() -> None:
    tasks = {task.split("?")[0] for task in load_study("astraios").evaluate.tasks}
    assert {score.task.split("-")[0] for score in SCORES} <= tasks
    assert {score.method for score in SCORES} <= set(METHODS)
    assert {score.base for score in SCORES} <= set(BASES["astraios"].values())
    assert all(0 <= score.value <= 1 for score in SCORES)
    keys = [(score.base, score.method, score.task, score.metric) for score in SCORES]
    assert len(set(keys)) == len(keys)


@pytest.mark.skipif(not EXPECTED.is_dir(), reason="the re-scored tables are not on this machine")
def test_the_scores_are_those_of_the_tables() -> None:
    values = {(score.method, score.task, score.metric): 100 * score.value for score in SCORES}
    expected = _expected()
    assert len(expected) == 12
    assert {key: values[key] for key in expected} == pytest.approx(expected)


def test_on_the_same_base_a_score_lies_in_the_interval_or_not() -> None:
    same = study({"lora": 0.16, "ia3": 0.40}, model=BASES["astraios"]["1b"])
    pairs = {pair.method: pair for pair in beside({"mine": leaderboard(same)}, SCORES)}
    assert pairs["lora"].published.value == pytest.approx(0.1726)
    assert [pairs["lora"].agrees, pairs["ia3"].agrees] == [True, False]


def test_on_another_base_scores_are_not_compared() -> None:
    other = study({"lora": 0.17}, model="builtin:nano-s")
    (pair,) = beside({"mine": leaderboard(other)}, SCORES)
    assert pair.agrees is None


def test_orders_need_five_methods_that_both_have() -> None:
    values = {"lora": 0.1, "ia3": 0.2, "full": 0.3, "parallel": 0.4, "adapter_h": 0.5}
    mine = leaderboard(study(values, model="builtin:nano-s"))
    (lora,) = [s for s in SCORES if (s.method, s.task, s.metric) == ("lora", TASK, "pass_at_1")]
    paper = [replace(lora, method=method, value=value / 2) for method, value in values.items()]
    (agreement,) = orders(beside({"mine": mine}, paper)).values()
    assert agreement is not None and agreement.spearman == pytest.approx(1.0)
    assert list(orders(beside({"mine": mine}, paper[:4])).values()) == [None]


def test_an_unknown_paper_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean 'astraios'"):
        published_scores("astrais")


def _expected() -> dict[tuple[str, str, str], float]:
    """Percentages of the 1B models, by method, task and metric."""
    percentages = {}
    for line in _lines("astraios_devign_recomputed.csv"):
        if (line["setting"], line["subset"]) == ("zero-shot", "sample2000"):
            percentages[line["method"], "defect_detection", "accuracy"] = float(line["accuracy_pct"])
            percentages[line["method"], "defect_detection", "valid_share"] = float(line["valid_answer_pct"])
    for line in _lines("astraios_humanevalpack_python_recomputed.csv"):
        if line["task"] == "humanevalsynthesize-python":
            percentages[line["method"], TASK, "pass_at_1"] = float(line["pass_at_1_pct"])
    for line in _lines("astraios_recode_category_recomputed.csv"):
        name, worst = line["category"], float(line["rp1_worst_over_all_transformations_pct"])
        percentages[line["method"], f"recode-{name}", f"robust_pass_at_1/{name}"] = worst
    return percentages


def _lines(name: str) -> list[dict[str, str]]:
    with (EXPECTED / name).open(newline="") as file:
        return [line for line in csv.DictReader(file) if line["size"] == "1b"]
