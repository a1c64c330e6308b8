"""Dropout and noise over rows of several owners draw for each owner what a pass of its own draws."""

from collections.abc import Callable

import pytest
import torch
from torch.nn import functional

from astraios_ray.shared_pass.per_trial_dropout import Owners, PerTrialDropout
from astraios_ray.training.randomness import RandomStream

CPU = torch.device("cpu")


def owners(*rows: int) -> Owners:
    result = Owners([RandomStream(seed, "cpu").at(0) for seed in range(len(rows))])
    result.rows = list(rows)
    return result


def one_by_one(function: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor, *rows: int) -> torch.Tensor:
    parts = []
    for seed, part in enumerate(torch.split(x, list(rows))):
        with RandomStream(seed, "cpu").at(0):
            parts.append(function(function(part)))
    return torch.cat(parts)


def dropped(x: torch.Tensor) -> torch.Tensor:
    return functional.dropout(x, 0.3, True)


def attended(x: torch.Tensor) -> torch.Tensor:
    mask = torch.ones(len(x), 1, x.shape[2], x.shape[2], dtype=torch.bool).tril()
    return functional.scaled_dot_product_attention(x, x, x, attn_mask=mask, dropout_p=0.4)


def attended_with_one_mask(x: torch.Tensor) -> torch.Tensor:
    mask = torch.ones(x.shape[2], x.shape[2], dtype=torch.bool).tril()
    return functional.scaled_dot_product_attention(x, x, x, mask, 0.4)


def shaken(x: torch.Tensor) -> torch.Tensor:
    return x * torch.empty_like(x).uniform_(0.9, 1.1)


@pytest.mark.parametrize("function", [dropped, attended, attended_with_one_mask, shaken])
def test_each_owner_draws_what_it_draws_alone(function: Callable[[torch.Tensor], torch.Tensor]) -> None:
    x = torch.randn(6, 2, 6, 4)
    with PerTrialDropout(owners(1, 3, 2), CPU):
        output = function(function(x))
    assert torch.equal(output, one_by_one(function, x, 1, 3, 2))


def test_rows_that_stand_as_several_belong_to_the_same_owner() -> None:
    x = torch.ones(3 * 5, 4)
    with PerTrialDropout(owners(1, 2), CPU):
        output = dropped(dropped(x))
    assert torch.equal(output, one_by_one(dropped, x, 5, 10))


def test_while_one_owner_works_alone_it_draws_from_its_own_numbers() -> None:
    x, both_owners = torch.ones(2, 40), owners(1, 2)
    with PerTrialDropout(both_owners, CPU), both_owners.only(1):
        output = shaken(dropped(x))
    with RandomStream(1, "cpu").at(0):
        assert torch.equal(output, shaken(dropped(x)))


def test_what_drops_nothing_is_one_call_for_all() -> None:
    x = torch.ones(7, 3)  # not divisible among the owners
    with PerTrialDropout(owners(1, 3), CPU):
        assert torch.equal(functional.dropout(x, 0.0, True), x)
        assert torch.equal(functional.dropout(x, 0.5, False), x)


def test_rows_that_cannot_be_divided_are_refused() -> None:
    with pytest.raises(RuntimeError, match=r"7 rows cannot be divided among owners of \[1, 3\] rows"):
        owners(1, 3).split(torch.ones(7, 3))


def test_other_random_numbers_than_dropout_are_refused() -> None:
    with pytest.raises(RuntimeError, match="for no row in particular"), PerTrialDropout(owners(1, 3), CPU):
        torch.rand(4)


def test_a_breakdown_inside_is_told_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError), PerTrialDropout(owners(1, 3), CPU):
        torch.rand(4)
        1 / 0  # noqa: B018  # raises
