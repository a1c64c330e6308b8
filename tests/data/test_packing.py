from itertools import accumulate

import numpy as np

from astraios_ray.data.packing import (
    BLOCKS_PER_BUFFER,
    Counts,
    Packed,
    pack_blocks,
    pack_rows,
    pack_whole,
)


def lengths(*values: int) -> Counts:
    return np.array(values, np.int64)


def blocks(
    samples: Counts, length: int, *, drop_tail: bool = True, seed: int = 0, characters: int = 10
) -> Packed:
    return pack_blocks(samples, np.full_like(samples, characters), length, drop_tail=drop_tail, seed=seed)


def spans(packed: Packed) -> list[tuple[int, int]]:
    return [(start, end) for start, end in packed.spans.tolist()]


def test_rows_keep_one_sample_each_and_count_what_they_cut() -> None:
    packed = pack_rows(lengths(3, 8, 5), 5)
    assert spans(packed) == [(0, 3), (3, 8), (11, 16)]
    assert (packed.truncated, packed.dropped_tokens) == (1, 3)


def test_blocks_join_the_samples_and_drop_the_tail() -> None:
    packed = blocks(lengths(3, 4, 4), 5)
    assert sorted(spans(packed)) == [(0, 5), (5, 10)]
    assert packed.dropped_tokens == 1


def test_a_kept_tail_is_shorter() -> None:
    packed = blocks(lengths(3, 4, 4), 5, drop_tail=False)
    assert sorted(spans(packed)) == [(0, 5), (5, 10), (10, 11)]
    assert packed.dropped_tokens == 0


def test_a_whole_number_of_blocks_has_no_tail() -> None:
    assert len(blocks(lengths(6, 4), 5).spans) == 2


def test_each_buffer_loses_its_own_tail_and_is_shuffled_for_itself() -> None:
    many = lengths(*[4] * (3 * BLOCKS_PER_BUFFER // 2 + 1))
    packed = blocks(many, 3, characters=3)  # a token is a character
    first = (
        4 * BLOCKS_PER_BUFFER // 3
    )  # blocks of the first buffer: as many samples as reach 3,000 characters
    assert packed.dropped_tokens == (4 * BLOCKS_PER_BUFFER) % 3 + (4 * (BLOCKS_PER_BUFFER // 2 + 1)) % 3
    assert packed.spans[:first].max() <= 4 * BLOCKS_PER_BUFFER
    assert spans(packed)[:first] != sorted(spans(packed)[:first])


def test_the_seed_decides_the_order_of_blocks_alone() -> None:
    many = lengths(*[7] * 20)
    first, second = (spans(blocks(many, 5, seed=seed)) for seed in (1, 2))
    assert first == spans(blocks(many, 5, seed=1))
    assert first != second
    assert sorted(first) == sorted(second)


def test_whole_samples_are_never_split() -> None:
    samples = (2, 2, 2, 9, 1)
    packed = pack_whole(lengths(*samples), 5)
    assert spans(packed) == [(0, 4), (4, 6), (6, 11), (15, 16)]
    assert {start for start, _ in spans(packed)} <= set(accumulate(samples, initial=0))
    assert (packed.truncated, packed.dropped_tokens) == (1, 4)
