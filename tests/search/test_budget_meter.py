"""The wall time and GPU-hours that a search has used."""

import pytest

from astraios_ray.config.study import BudgetConfig
from astraios_ray.search.budget_meter import BudgetMeter


@pytest.mark.parametrize(
    ("budget", "gpus", "over"),
    [
        ({"trials": 1}, 8.0, False),
        ({"trials": 1, "wall_minutes": 61}, 0.0, False),
        ({"trials": 1, "wall_minutes": 59}, 0.0, True),
        ({"trials": 1, "gpu_hours": 2.1}, 2.0, False),
        ({"trials": 1, "gpu_hours": 1.9}, 2.0, True),
        ({"trials": 1, "gpu_hours": 0.1}, 0.0, False),
    ],
)
def test_a_budget_is_spent_by_time_and_by_the_gpus_held(
    budget: dict[str, float], gpus: float, over: bool
) -> None:
    budget_meter = BudgetMeter(BudgetConfig.model_validate(budget))
    budget_meter.seconds_before, budget_meter.gpus = 3600.0, gpus
    assert budget_meter.over is over
    assert 3600.0 <= budget_meter.seconds < 3660.0
