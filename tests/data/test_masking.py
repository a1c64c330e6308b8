from dataclasses import replace

from astraios_ray.data.masking import mask_rows
from astraios_ray.data.rows import Row
from astraios_ray.records import Mask

ROWS = [Row("q", "while x" if number % 2 else "return x", f"f:{number}", "") for number in range(40)]
MASK = Mask("token", element="while", keep=0.12)


def remaining(training_set: str, seed: int = 0) -> list[Row]:
    rows, _ = mask_rows(ROWS, replace(MASK, training_set=training_set, seed=seed))
    return rows


def test_full_trains_on_every_row_and_ood_on_none_of_the_region() -> None:
    assert remaining("full") == ROWS
    assert remaining("ood") == [row for row in ROWS if "while" not in row.completion]


def test_few_keeps_a_seeded_share_of_the_region_rounded_up_in_order() -> None:
    few = remaining("few")
    assert sum("while" in row.completion for row in few) == 3  # 12 % of 20
    assert [row for row in few if "while" not in row.completion] == remaining("ood")
    assert few == sorted(few, key=ROWS.index)
    assert few == remaining("few")
    assert few != remaining("few", seed=1)


def test_what_was_left_out_is_told() -> None:
    _, about = mask_rows(ROWS, replace(MASK, training_set="few"))
    assert about == {"ood_element": "while", "ood_rows_in_region": 20, "ood_rows_left_out": 17}
