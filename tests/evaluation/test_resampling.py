import numpy as np
import pytest

from astraios_ray.evaluation.mean_interval import mean_interval
from astraios_ray.evaluation.resampling import Sums, interval_of_sums, summed, sums_by


def share(sums: Sums) -> Sums:
    return np.asarray(sums[:, 0] / sums[:, 1])


def test_a_share_has_the_interval_that_a_mean_has() -> None:
    values = [0.0] * 60 + [1.0] * 40
    limits = interval_of_sums([(value, 1.0) for value in values], share)
    assert limits == pytest.approx(mean_interval(values), abs=0.015)
    assert limits == interval_of_sums([(value, 1.0) for value in values], share)


def test_where_all_resamples_agree_there_is_no_interval() -> None:
    assert interval_of_sums([(1.0, 1.0)] * 5, share) is None


def test_samples_of_one_problem_are_drawn_together() -> None:
    rows = [("a", [1.0, 1.0]), ("b", [0.0, 1.0]), ("a", [0.0, 1.0])]
    assert sums_by(rows) == [[1.0, 2.0], [0.0, 1.0]]
    assert summed(sums_by(rows)).tolist() == [[1.0, 3.0]]
