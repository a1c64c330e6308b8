"""The study ``all_evaluators``: from one search to one report over all tasks."""

import json
import os
from pathlib import Path

import pytest

from astraios_ray.config.content import names
from astraios_ray.config.read_study import load_study
from astraios_ray.config.tasks import parse_task
from tests.end_to_end.searches import run

SMALLEST = {
    "model.id": "builtin:nano-xs",
    "methods": "{ia3: {learning_rate: 3.0e-2}}",
    "training.max_steps": "4",
    "training.warmup_steps": "1",
    "training.validate_every": "2",
    "budget.trials": "1",
    "evaluate.samples": "1",
    "evaluate.max_new_tokens": "8",
    "tracking.mlflow": "false",
}


def test_the_study_asks_every_evaluator_there_is() -> None:
    evaluators = {parse_task(task).evaluator for task in load_study("all_evaluators").evaluate.tasks}
    assert evaluators == set(names("evaluator"))


@pytest.mark.slow
@pytest.mark.skipif(
    "ASTRAIOS_RAY_ALL_TESTS" not in os.environ, reason="half a minute of CPU; set ASTRAIOS_RAY_ALL_TESTS"
)
def test_one_search_scores_every_evaluator_and_reports_over_all(tmp_path: Path) -> None:
    settings = [part for key, value in SMALLEST.items() for part in ("--set", f"{key}={value}")]
    run("search", "all_evaluators", "--backend", "local", "--quiet", "--json", *settings, folder=tmp_path)
    board = json.loads((tmp_path / "runs" / "all_evaluators" / "leaderboard.json").read_text())
    tasks = [parse_task(task).label for task in load_study("all_evaluators").evaluate.tasks]
    (trial,) = board["trials"]
    for scores in (trial["scores"], board["base"]["scores"]):
        assert {score["task"]: score["problems"] for score in scores} == dict.fromkeys(tasks, 5)
    overall = board["analysis"]["overall"]
    assert [line["method"] for line in overall["methods"]] == ["ia3", "base"]
    task_groups = overall["tasks"]
    assert len(task_groups["scored"]) == len(task_groups["written"]) + 2 == 11
    assert len(task_groups["categories"]) == 4
    assert task_groups["secure"] == ["aatk"]
    assert all(line["change"] is not None for line in overall["methods"])
