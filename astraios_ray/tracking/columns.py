"""The columns and the order in which MLflow's table shows the runs of a study."""

import json
from collections.abc import Mapping
from typing import Any

from astraios_ray.config.tasks import parse_task

SCORE = "score"  # of every task: the metric by which its evaluator ranks
VIEW = "mlflow.sharedViewState.astraios"  # MLflow opens it with ?viewStateShareKey=astraios
BEFORE = ("params.`method`", "params.`learning_rate`", "metrics.`val/loss`")
AFTER = (
    "metrics.`cost/seconds`",
    "metrics.`cost/peak_memory_mib`",
    "metrics.`model/trainable_params`",
    "tags.`astraios.state`",
)


def columns(config: Mapping[str, Any]) -> str:
    """A view in MLflow 3.17's format: the trials without their parent, by the score of the first task.

    Without a task they are ordered by validation loss.
    """
    evaluate = config.get("evaluate")
    tasks = (evaluate.get("tasks") if isinstance(evaluate, Mapping) else None) or ()
    scores = [f"metrics.`eval/{parse_task(str(task)).label}/{SCORE}`" for task in tasks]
    return json.dumps(
        {
            "searchFilter": "tags.`astraios.kind` = 'trial'",
            "orderByKey": scores[0] if scores else "metrics.`val/loss`",
            "orderByAsc": not scores,
            "selectedColumns": [*BEFORE, *scores, *AFTER],
            "runsExpanded": {},
            "runsPinned": [],
            "startTime": "ALL",
            "lifecycleFilter": "Active",
            "datasetsFilter": [],
            "modelVersionFilter": "All Runs",
        }
    )
