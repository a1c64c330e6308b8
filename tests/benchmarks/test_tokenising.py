"""Lanes map the tokens that the first one made, and add next to nothing."""

from pathlib import Path

import pytest

from benchmarks.tokenising import figures, measured, write_work


def test_both_ways_have_the_same_tokens(tmp_path: Path) -> None:
    write_work(tmp_path / "few", 60)
    (lists, _), (first, rows), (second, _) = (
        figures(way, tmp_path / "few") for way in ("lists", "mapped", "mapped")
    )
    assert lists.tokens == first.tokens == second.tokens > 60 * 400
    assert [len(part) for part in rows] == [54, 6]


@pytest.mark.slow
def test_tokens_take_few_bytes_and_one_more_lane_takes_less_than_20_mib() -> None:
    made = {name: figures for name, _, figures in measured(3_000, 300)}
    assert made["lists"].bytes_per_token > 150
    assert (made["lane 1"].peak_mib - 200) * 2**20 / made["lane 1"].tokens < 12
    assert made["lane 2"].cpu_seconds < made["lane 1"].cpu_seconds / 10
    assert max(made["lane 2"].own_mib, made["lane 3"].own_mib) < 20
