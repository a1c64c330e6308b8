"""What an evaluation could tell, before it runs."""

import pytest

from astraios_ray.studies.detectable_difference import Evaluation

ONE_RUN = Evaluation(problems=160, units=80, samples=5, seeds=0)


def test_more_problems_and_more_seeds_each_find_smaller_differences() -> None:
    larger = Evaluation(640, 320, 5, 0)
    repeated = Evaluation(160, 80, 5, 3)
    assert larger.difference < ONE_RUN.difference > repeated.difference
    assert larger.without_luck == pytest.approx(ONE_RUN.without_luck / 2, rel=0.02)


def test_many_problems_of_few_samples_tell_more_than_few_of_many() -> None:
    assert Evaluation(160, 80, 5, 0).without_luck < 0.6 * Evaluation(40, 20, 20, 0).without_luck


def test_copies_tell_less_than_problems_that_stand_alone() -> None:
    assert Evaluation(160, 160, 5, 0).without_luck < Evaluation(160, 80, 5, 0).without_luck


def test_half_of_it_is_found_by_the_evaluation_that_is_named() -> None:
    half = ONE_RUN.halved
    assert half and half.difference <= ONE_RUN.difference / 2
    assert half.seeds > 1  # no number of problems makes up for a single seed
    assert Evaluation(16 * 160, 16 * 80, 5, 0).difference > ONE_RUN.difference / 2


def test_what_no_affordable_evaluation_halves_has_none() -> None:
    assert Evaluation(16_000, 16_000, 5, 10).halved is None
