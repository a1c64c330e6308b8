"""How many trials a rank agreement needs."""

from astraios_ray.report.statistics.power import trials_to_tell


def test_a_correlation_near_the_threshold_needs_more_trials() -> None:
    near, far = trials_to_tell(0.65, 0.5), trials_to_tell(0.95, 0.5)
    assert near is not None and far is not None and near > 50 > 10 > far
    assert trials_to_tell(0.51, 0.5) is None
