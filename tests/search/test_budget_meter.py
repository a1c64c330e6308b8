"""What a search has used, in wall time and in GPU-hours."""

import pytest

from astraios_ray.config.study import BudgetConfig
from astraios_ray.search.budget_meter import Spending


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
    spending = Spending(BudgetConfig.model_validate(budget))
    spending.seconds_before, spending.gpus = 3600.0, gpus
    assert spending.over is over
    assert 3600.0 <= spending.seconds < 3660.0
