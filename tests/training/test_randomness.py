"""Each trial's dropout is its own."""

import pytest
import torch

from astraios_ray.training.randomness import RandomStream


def draw(stream: RandomStream, step: int, count: int = 4) -> list[float]:
    with stream.at(step):
        return [float(number) for number in torch.rand(count)]


def test_the_global_generator_is_as_it_was() -> None:
    state = torch.get_rng_state()
    draw(RandomStream(0, "cpu"), 0)
    assert torch.equal(torch.get_rng_state(), state)


def test_the_global_generator_is_as_it_was_when_the_inside_breaks() -> None:
    state = torch.get_rng_state()
    with pytest.raises(ZeroDivisionError), RandomStream(0, "cpu").at(0):
        torch.rand(3)
        1 / 0  # noqa: B018  # raises
    assert torch.equal(torch.get_rng_state(), state)


def test_a_stream_goes_on_where_it_was_whatever_others_drew() -> None:
    expected = [draw(RandomStream(5, "cpu"), step) for step in range(4)]
    stream, other = RandomStream(5, "cpu"), RandomStream(6, "cpu")
    numbers = []
    for step in range(4):
        torch.rand(step)
        draw(other, 3 * step)
        numbers.append(draw(stream, step))
    assert numbers == expected


def test_a_new_stream_goes_on_in_the_middle() -> None:
    old = RandomStream(5, "cpu")
    numbers = [draw(old, step) for step in range(4)]
    assert draw(RandomStream(5, "cpu"), 3) == numbers[3]


def test_what_is_drawn_does_not_depend_on_how_the_global_generator_stands() -> None:
    numbers = draw(RandomStream(5, "cpu"), 0)
    torch.rand(17)
    assert draw(RandomStream(5, "cpu"), 0) == numbers


def test_seeds_steps_and_ranks_draw_differently() -> None:
    streams = [RandomStream(0, "cpu"), RandomStream(1, "cpu"), RandomStream(0, "cpu", rank=1)]
    sequences = {tuple(draw(stream, step)) for stream in streams for step in range(3)}
    assert len(sequences) == 9
