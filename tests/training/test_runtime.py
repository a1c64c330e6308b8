"""Two workers of a lane learn what one learns, each on its share of the rows."""

from typing import Any

import pytest
import torch
from torch import distributed

from astraios_ray.errors import LaneBroken
from astraios_ray.training.runtime import SingleProcess, WorkerGroup
from tests.training.pair import CASES, on_one, on_two

each_case = pytest.mark.parametrize("case", CASES)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    return on_two(tmp_path_factory.mktemp("pair"))


@pytest.fixture(scope="module")
def single() -> dict[str, Any]:
    return on_one()


def test_one_process_adds_nothing_up() -> None:
    parameter = torch.nn.Parameter(torch.ones(2))
    parameter.grad = torch.full((2,), 3.0)
    process = SingleProcess()
    process.add_gradients([parameter])
    assert process.total([1.5, 2.0]) == [1.5, 2.0]
    assert parameter.grad.tolist() == [3.0, 3.0]
    assert (process.rank, process.world) == (0, 1)


@pytest.mark.parametrize("call", ["total", "agree", "add_gradients"])
def test_a_worker_that_is_gone_is_no_fault_of_a_trial(call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(*_: object, **__: object) -> None:
        raise RuntimeError("Connection closed by peer")  # as gloo says it

    monkeypatch.setattr(distributed, "all_reduce", closed)
    monkeypatch.setattr(distributed, "broadcast_object_list", closed)
    values = [torch.nn.Parameter(torch.ones(2))] if call == "add_gradients" else [1.0]
    with pytest.raises(LaneBroken, match=r"cannot reach each other: RuntimeError: Connection closed by peer"):
        getattr(WorkerGroup("cpu", 0, 2), call)(values)


@pytest.mark.slow
def test_a_total_is_the_sum_over_the_workers(pair: list[dict[str, Any]]) -> None:
    assert [worker["total"] for worker in pair] == [[3.0, 0.5], [3.0, 0.5]]


@pytest.mark.slow
def test_all_workers_take_what_the_first_one_says(pair: list[dict[str, Any]]) -> None:
    assert [worker["agreed"] for worker in pair] == ["what 0 says"] * 2


@pytest.mark.slow
@each_case
def test_two_workers_have_the_losses_of_one(
    case: str, pair: list[dict[str, Any]], single: dict[str, Any]
) -> None:
    expected, _ = single[case]
    for worker in pair:
        assert worker["cases"][case]["steps"] == pytest.approx(expected["steps"], abs=1e-5)
        assert worker["cases"][case]["validation"] == pytest.approx(expected["validation"], abs=1e-5)


@pytest.mark.slow
@each_case
def test_two_workers_learn_the_parameters_of_one(
    case: str, pair: list[dict[str, Any]], single: dict[str, Any]
) -> None:
    _, expected = single[case]
    first, second = (worker["tensors"][case] for worker in pair)
    for name, parameter in expected.items():
        assert torch.equal(first[name], second[name]), name
        assert torch.allclose(first[name], parameter, atol=1e-5, rtol=0), name


@pytest.mark.slow
def test_a_trial_with_dropout_that_was_paused_goes_on_the_same_on_both_workers(
    pair: list[dict[str, Any]],
) -> None:
    assert pair[0]["resumed"] == pair[0]["whole"] == pair[1]["whole"]
