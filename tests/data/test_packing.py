from astraios_ray.data.packing import BLOCKS_PER_BUFFER, Sample, pack_blocks, pack_rows, pack_whole


def samples(*lengths: int, characters: int = 10) -> list[Sample]:
    """Samples of consecutive tokens."""
    result, start = [], 0
    for length in lengths:
        tokens = list(range(start, start + length))
        result.append(Sample(tokens, tokens, characters))
        start += length
    return result


def test_rows_keep_one_sample_each_and_count_what_they_cut() -> None:
    packed = pack_rows(samples(3, 8, 5), 5)
    assert [len(row.ids) for row in packed.rows] == [3, 5, 5]
    assert (packed.truncated, packed.dropped_tokens) == (1, 3)


def test_blocks_join_the_samples_and_drop_the_tail() -> None:
    packed = pack_blocks(samples(3, 4, 4), 5, drop_tail=True, seed=0)
    assert sorted(row.ids for row in packed.rows) == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]
    assert packed.dropped_tokens == 1


def test_a_kept_tail_is_shorter() -> None:
    packed = pack_blocks(samples(3, 4, 4), 5, drop_tail=False, seed=0)
    assert sorted(len(row.ids) for row in packed.rows) == [1, 5, 5]
    assert packed.dropped_tokens == 0


def test_a_whole_number_of_blocks_has_no_tail() -> None:
    assert len(pack_blocks(samples(6, 4), 5, drop_tail=True, seed=0).rows) == 2


def test_each_buffer_loses_its_own_tail_and_is_shuffled_for_itself() -> None:
    many = samples(*[4] * (3 * BLOCKS_PER_BUFFER // 2 + 1), characters=3)  # a token is a character
    packed = pack_blocks(many, 3, drop_tail=True, seed=0)
    first = (
        4 * BLOCKS_PER_BUFFER // 3
    )  # blocks of the first buffer: as many samples as reach 3,000 characters
    assert packed.dropped_tokens == (4 * BLOCKS_PER_BUFFER) % 3 + (4 * (BLOCKS_PER_BUFFER // 2 + 1)) % 3
    assert max(row.ids[-1] for row in packed.rows[:first]) < 4 * BLOCKS_PER_BUFFER
    assert [row.ids for row in packed.rows[:first]] != sorted(row.ids for row in packed.rows[:first])


def test_the_seed_decides_the_order_of_blocks_alone() -> None:
    many = samples(*[7] * 20)
    first, second = (pack_blocks(many, 5, drop_tail=True, seed=seed).rows for seed in (1, 2))
    assert first == pack_blocks(many, 5, drop_tail=True, seed=1).rows
    assert first != second
    assert sorted(row.ids for row in first) == sorted(row.ids for row in second)


def test_whole_samples_are_never_split() -> None:
    packed = pack_whole(samples(2, 2, 2, 9, 1), 5)
    assert [len(row.ids) for row in packed.rows] == [4, 2, 5, 1]
    assert (packed.truncated, packed.dropped_tokens) == (1, 4)
