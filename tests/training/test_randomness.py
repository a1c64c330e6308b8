"""Each trial's dropout is its own."""

import pytest
import torch

from astraios_ray.training.randomness import RandomStream


def drawn(stream: RandomStream, step: int, count: int = 4) -> list[float]:
    with stream.at(step):
        return [float(number) for number in torch.rand(count)]


def test_the_global_generator_is_as_it_was() -> None:
    before = torch.get_rng_state()
    drawn(RandomStream(0, "cpu"), 0)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_global_generator_is_as_it_was_when_the_inside_breaks() -> None:
    before = torch.get_rng_state()
    with pytest.raises(ZeroDivisionError), RandomStream(0, "cpu").at(0):
        torch.rand(3)
        1 / 0  # noqa: B018  # raises
    assert torch.equal(torch.get_rng_state(), before)


def test_a_stream_goes_on_where_it_was_whatever_others_drew() -> None:
    alone = [drawn(RandomStream(5, "cpu"), step) for step in range(4)]
    again, other = RandomStream(5, "cpu"), RandomStream(6, "cpu")
    beside = []
    for step in range(4):
        torch.rand(step)
        drawn(other, 3 * step)
        beside.append(drawn(again, step))
    assert beside == alone


def test_a_new_stream_goes_on_in_the_middle() -> None:
    old = RandomStream(5, "cpu")
    before = [drawn(old, step) for step in range(4)]
    assert drawn(RandomStream(5, "cpu"), 3) == before[3]


def test_what_is_drawn_does_not_depend_on_how_the_global_generator_stands() -> None:
    one = drawn(RandomStream(5, "cpu"), 0)
    torch.rand(17)
    assert drawn(RandomStream(5, "cpu"), 0) == one


def test_seeds_steps_and_ranks_draw_differently() -> None:
    streams = [RandomStream(0, "cpu"), RandomStream(1, "cpu"), RandomStream(0, "cpu", rank=1)]
    seen = {tuple(drawn(stream, step)) for stream in streams for step in range(3)}
    assert len(seen) == 9
