import pytest

from astraios_ray.data.rows import Row
from astraios_ray.data.split import split_rows
from astraios_ray.errors import DataError


def rows(*prompts: str) -> list[Row]:
    return [Row(prompt, "c", f"f:{number}", "") for number, prompt in enumerate(prompts)]


def split(rows: list[Row], fraction: float, seed: int) -> tuple[list[Row], list[Row]]:
    (training,), (validation,) = split_rows([rows], fraction, seed)
    return list(training), list(validation)


MANY = rows(*(str(number) for number in range(100)))


def test_every_row_is_on_one_side_in_its_order() -> None:
    training, validation = split(MANY, 0.1, seed=0)
    assert len(validation) == 10
    assert sorted([*training, *validation], key=MANY.index) == MANY
    assert training == sorted(training, key=MANY.index)


def test_the_seed_alone_decides() -> None:
    assert split(MANY, 0.1, seed=3) == split(MANY, 0.1, seed=3)
    assert split(MANY, 0.1, seed=3) != split(MANY, 0.1, seed=4)


def test_equal_texts_stay_together() -> None:
    training, validation = split(rows("a", "b", "a", "b", "c", "c"), 0.3, seed=0)
    assert not {row.text for row in training} & {row.text for row in validation}


def test_two_rows_leave_one_for_each_side_and_one_text_is_refused() -> None:
    training, validation = split(rows("a", "b"), 0.9, seed=0)
    assert (len(training), len(validation)) == (1, 1)
    with pytest.raises(DataError, match="one text cannot be split"):
        split(rows("a", "a"), 0.1, seed=0)


def test_equal_texts_of_two_sources_stay_together() -> None:
    training, validation = split_rows([rows("a", "b", "c"), rows("b", "c", "d")], 0.5, seed=0)
    texts = [{row.text for source in side for row in source} for side in (training, validation)]
    assert not texts[0] & texts[1]
    assert [len(side) for side in (training, validation)] == [2, 2]
