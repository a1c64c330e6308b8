"""Rows of several sources in the shares of their weights."""

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from astraios_ray.data.mixture import mix
from astraios_ray.data.rows import Row


def source(name: str, count: int) -> list[Row]:
    return [Row(name, str(number), f"{name}:{number}", "") for number in range(count)]


def counts(rows: Sequence[Row]) -> Counter[str]:
    return Counter(row.prompt for row in rows)


def test_one_source_keeps_its_rows_and_their_order() -> None:
    rows = source("a", 5)
    assert mix([rows], [3.0], seed=0) == rows


def test_without_weights_each_row_is_there_once() -> None:
    first, second = source("a", 30), source("b", 10)
    mixed = mix([first, second], [None, None], seed=0)
    assert Counter(row.source for row in mixed) == Counter(row.source for row in [*first, *second])
    assert mixed != [*first, *second]


def test_a_small_source_is_repeated_and_a_large_one_cut_to_their_shares() -> None:
    mixed = mix([source("a", 90), source("b", 10)], [1.0, 1.0], seed=0)
    assert counts(mixed) == {"a": 50, "b": 50}
    times = Counter(row.source for row in mixed)
    assert {times[f"b:{number}"] for number in range(10)} == {5}
    assert max(times[f"a:{number}"] for number in range(90)) == 1


@pytest.mark.parametrize(("weights", "shares"), [([3.0, 1.0], (30, 10)), ([0.5, 1.5], (10, 30))])
def test_weights_count_by_their_ratio(weights: list[float], shares: tuple[int, int]) -> None:
    mixed = mix([source("a", 20), source("b", 20)], weights, seed=1)
    assert counts(mixed) == dict(zip("ab", shares, strict=True))


def test_the_seed_alone_decides() -> None:
    sources, weights = [source("a", 9), source("b", 4)], [1.0, 2.0]
    assert mix(sources, weights, seed=3) == mix(sources, weights, seed=3)
    assert mix(sources, weights, seed=3) != mix(sources, weights, seed=4)


def test_a_source_without_rows_leaves_its_share_to_the_others() -> None:
    assert counts(mix([source("a", 4), []], [1.0, 5.0], seed=0)) == {"a": 4}


SIZE_AND_WEIGHT = st.tuples(st.integers(1, 40), st.floats(0.01, 100))


@given(st.lists(SIZE_AND_WEIGHT, min_size=2, max_size=5), st.integers(0, 9))
def test_there_are_as_many_rows_as_all_sources_have_and_shares_are_off_by_less_than_one(
    sources: list[tuple[int, float]], seed: int
) -> None:
    names = [str(place) for place in range(len(sources))]
    rows = [source(name, size) for name, (size, _) in zip(names, sources, strict=True)]
    mixed = mix(rows, [weight for _, weight in sources], seed)
    total, weights = sum(size for size, _ in sources), sum(weight for _, weight in sources)
    assert len(mixed) == total
    for name, (_, weight) in zip(names, sources, strict=True):
        assert abs(counts(mixed)[name] - total * weight / weights) < 1
