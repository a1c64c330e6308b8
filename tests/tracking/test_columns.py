"""The view of a study's trials in MLflow's table."""

import json
from typing import Any

from astraios_ray.tracking.columns import columns


def test_trials_are_shown_by_the_score_of_the_first_task() -> None:
    view = json.loads(columns({"evaluate": {"tasks": ["primer", "recode?category=format"]}}))
    assert (view["orderByKey"], view["orderByAsc"]) == ("metrics.`eval/primer/score`", False)
    assert "metrics.`eval/recode-format/score`" in view["selectedColumns"]
    assert view["searchFilter"] == "tags.`astraios.kind` = 'trial'"


def test_without_a_task_trials_are_shown_by_loss() -> None:
    configs: tuple[dict[str, Any], ...] = ({}, {"evaluate": {"tasks": []}})
    for config in configs:
        view = json.loads(columns(config))
        assert (view["orderByKey"], view["orderByAsc"]) == ("metrics.`val/loss`", True)
