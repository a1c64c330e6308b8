"""Numbers for people."""

from math import inf, nan

import pytest

from astraios_ray.report import wording


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (wording.rate(3.16e-4), "3.16e-4"),
        (wording.rate(1e-3), "1e-3"),
        (wording.loss(0.81234), "0.8123"),
        (wording.loss(nan), wording.NOTHING),
        (wording.percent(0.6214), "62.1 %"),
        (wording.percent(inf), wording.NOTHING),
        (wording.with_interval(0.5, (0.4, 0.6)), "50.0 % (40.0\u201360.0)"),
        (wording.with_interval(0.5, None), "50.0 %"),
        (wording.count(1234567), "1,234,567"),
        (wording.amount(1234.56), "1,234.6"),
        (wording.duration(48), "48 s"),
        (wording.duration(200), "3 min 20 s"),
        (wording.duration(7500), "2 h 05 min"),
        (wording.sizes({"bottleneck_size": 64}), "bottleneck 64"),
        (wording.sizes({}), wording.NOTHING),
        (wording.plural(1, "trial"), "1 trial"),
    ],
)
def test_a_number_is_written_as_people_write_it(text: str, expected: str) -> None:
    assert text == expected
