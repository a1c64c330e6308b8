"""The order of rows is a function of seed and step."""

import pytest
import torch

from astraios_ray.training.order import rows_of_step


def walked(steps: int, batch_size: int, rows: int, seed: int = 0) -> list[int]:
    return [int(row) for step in range(steps) for row in rows_of_step(step, batch_size, rows, seed)]


@pytest.mark.parametrize("batch_size", [1, 4, 7, 10, 25])
def test_every_epoch_has_every_row_once(batch_size: int) -> None:
    order = walked(10, batch_size, rows=10)
    for epoch in range(batch_size):
        assert sorted(order[10 * epoch : 10 * (epoch + 1)]) == list(range(10))


def test_a_batch_may_straddle_two_epochs() -> None:
    batches = [rows_of_step(step, 4, 10, seed=0).tolist() for step in range(5)]
    assert all(len(batch) == 4 for batch in batches)
    assert set(batches[2][:2]) == set(range(10)) - set(batches[0]) - set(batches[1])


def test_epochs_differ() -> None:
    order = walked(20, 1, rows=10)
    assert order[:10] != order[10:]


def test_the_same_seed_gives_the_same_rows_and_another_seed_others() -> None:
    assert walked(10, 4, 50, seed=3) == walked(10, 4, 50, seed=3)
    assert walked(10, 4, 50, seed=3) != walked(10, 4, 50, seed=4)


def test_a_step_does_not_depend_on_the_steps_asked_for_before() -> None:
    expected = rows_of_step(7, 4, 10, seed=1).tolist()
    walked(30, 4, 10, seed=1)
    assert rows_of_step(7, 4, 10, seed=1).tolist() == expected


def test_the_global_generator_is_left_alone() -> None:
    state = torch.get_rng_state()
    rows_of_step(3, 4, 1013, seed=99)
    assert torch.equal(torch.get_rng_state(), state)
