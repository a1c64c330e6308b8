"""The number of lanes follows from the resources and the study's settings."""

import pytest

from astraios_ray.config.study import LanesConfig
from astraios_ray.errors import ConfigError
from astraios_ray.on_ray.lane_plan import SLOTS, LanePlan, plan_lanes


def plan(*, cpus: float = 8, gpus: float = 0, **settings: object) -> LanePlan:
    return plan_lanes(LanesConfig.model_validate(settings), cpus=cpus, gpus=gpus)


def test_without_gpus_every_core_is_a_lane() -> None:
    assert plan(cpus=8) == LanePlan(count=8, slots=SLOTS, workers=1, cpus=1.0, gpus=0.0)


def test_with_gpus_every_gpu_is_a_lane() -> None:
    assert plan(cpus=16, gpus=4) == LanePlan(count=4, slots=SLOTS, workers=1, cpus=1.0, gpus=1.0)


def test_too_few_cores_for_the_gpus_bound_the_lanes() -> None:
    assert plan(cpus=2, gpus=4).count == 2


def test_several_workers_make_a_lane_larger() -> None:
    assert plan(cpus=16, gpus=8, workers=4).count == 2


def test_what_was_asked_for_is_taken() -> None:
    lane_plan = plan_lanes(LanesConfig(count=2, slots=6, workers=2, cpus=2.0, gpus=0.5), cpus=16, gpus=4)
    assert lane_plan == LanePlan(count=2, slots=6, workers=2, cpus=2.0, gpus=0.5)


def test_only_several_processes_on_cpus_share_the_memory_of_their_base() -> None:
    assert plan(cpus=2).shares_base and plan(cpus=2, workers=2).shares_base
    assert not plan(cpus=1).shares_base
    assert not plan(cpus=4, gpus=2).shares_base


def test_gpus_can_be_left_alone() -> None:
    lane_plan = plan_lanes(LanesConfig(gpus=0.0), cpus=8, gpus=4)
    assert (lane_plan.count, lane_plan.gpus) == (8, 0.0)


def test_more_lanes_than_fit_are_refused_and_not_quietly_fewer() -> None:
    with pytest.raises(ConfigError, match="lanes: 8 do not fit: one takes 1 x 1 CPUs"):
        plan(cpus=3, count=8)


def test_a_cluster_starts_machines_for_lanes_that_were_said_in_numbers() -> None:
    lane_plan = plan_lanes(LanesConfig(count=4, gpus=1.0), cpus=0, gpus=0, grows=True)
    assert (lane_plan.count, lane_plan.gpus) == (4, 1.0)


@pytest.mark.parametrize("config", [LanesConfig(), LanesConfig(count=4), LanesConfig(gpus=1.0)])
def test_a_cluster_without_machines_yet_asks_for_both_numbers(config: LanesConfig) -> None:
    with pytest.raises(ConfigError, match=r"lanes\.count=4 and lanes\.gpus=1"):
        plan_lanes(config, cpus=0, gpus=0, grows=True)


def test_a_tenth_of_a_core_goes_ten_times_into_one() -> None:
    assert plan_lanes(LanesConfig(cpus=0.1), cpus=1, gpus=0).count == 10


@pytest.mark.parametrize(
    ("config", "cpus", "gpus", "words"),
    [
        (LanesConfig(cpus=4.0), 2, 0, "one takes 1 x 4 CPUs and 0 GPUs, there are 2 CPUs and 0 GPUs"),
        (LanesConfig(workers=4), 8, 2, "one takes 4 x 1 CPUs and 1 GPUs, there are 8 CPUs and 2 GPUs"),
        (LanesConfig(gpus=1.0), 8, 0, "one takes 1 x 1 CPUs and 1 GPUs, there are 8 CPUs and 0 GPUs"),
    ],
)
def test_a_lane_that_does_not_fit_is_refused_with_what_is_missing(
    config: LanesConfig, cpus: float, gpus: float, words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        plan_lanes(config, cpus=cpus, gpus=gpus)
