import torch

from astraios_ray.evaluation.token_sampling import draw, uniforms
from astraios_ray.records import Sampling

LOGITS = torch.log(torch.tensor([[0.5, 0.1, 0.3, 0.1]]))


def draw_one(number: float, temperature: float = 1.0, top_p: float = 1.0) -> int:
    sampling = Sampling(temperature=temperature, top_p=top_p)
    return int(draw(LOGITS, torch.tensor([number], dtype=torch.float64), sampling))


def test_the_number_is_looked_up_in_the_cumulative_distribution() -> None:
    assert [draw_one(number) for number in (0.0, 0.49, 0.51, 0.79, 0.81, 0.89, 0.91, 0.9999999)] == [
        *(0, 0, 2, 2, 1, 1, 3, 3)
    ]


def test_top_p_keeps_the_fewest_tokens_that_reach_it() -> None:
    assert {draw_one(number / 100, top_p=0.8) for number in range(100)} == {0, 2}
    assert {draw_one(number / 100, top_p=0.81) for number in range(100)} == {0, 2, 1}
    assert {draw_one(number / 100, top_p=0.0) for number in range(100)} == {0}


def test_the_share_of_each_token_is_its_chance() -> None:
    count = 4000
    numbers = uniforms("p", 0, Sampling(max_new_tokens=count))
    tokens = draw(LOGITS.expand(count, -1), numbers, Sampling(temperature=1.0, top_p=1.0))
    shares = torch.bincount(tokens, minlength=4) / count
    assert torch.allclose(shares, torch.tensor([0.5, 0.1, 0.3, 0.1]), atol=0.03)


def test_a_low_temperature_sharpens() -> None:
    assert {draw_one(number / 100, temperature=0.05) for number in range(100)} == {0}


def test_temperature_0_is_greedy() -> None:
    assert draw_one(0.99, temperature=0.0) == 0


def test_numbers_depend_on_seed_problem_and_sample_alone() -> None:
    first = uniforms("p", 0, Sampling(seed=1, max_new_tokens=40))
    assert torch.equal(first[:10], uniforms("p", 0, Sampling(seed=1, max_new_tokens=10, temperature=0.9)))
    for second in (
        uniforms("p", 1, Sampling(seed=1)),
        uniforms("q", 0, Sampling(seed=1)),
        uniforms("p", 0, Sampling()),
    ):
        assert not torch.equal(first, second[:40])


def test_an_extreme_logit_is_no_accident() -> None:
    logits = torch.tensor([[1e4, -1e4, 0.0, float("-inf")]])
    number = torch.tensor([0.999], dtype=torch.float64)
    assert int(draw(logits, number, Sampling(temperature=0.2, top_p=0.95))) == 0
