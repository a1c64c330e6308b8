from collections.abc import Mapping

import pytest

from astraios_ray.data.rows import BadRow
from astraios_ray.errors import DataError
from astraios_ray.evaluation.checked_rows import checked_rows, text_of, truth_of


def pair(record: Mapping[str, object]) -> tuple[str, bool]:
    return text_of(record, "code"), truth_of(record, "label")


def test_labels_may_be_written_in_three_ways() -> None:
    records = [(f"f:{n}", {"code": "x", "label": label}) for n, label in enumerate((True, 0, "1"))]
    assert checked_rows(records, pair, "f") == [("x", True), ("x", False), ("x", True)]


def test_all_bad_rows_are_told_at_once_with_place_and_reason() -> None:
    records: list[tuple[str, object]] = [
        ("f:1", {"code": "x", "label": 2}),
        ("f:2", {"code": "x", "label": 1}),
        ("f:3", {"label": 1}),
        ("f:4", {"code": " ", "label": 1}),
        ("f:5", ["x"]),
        ("f:6", BadRow("f:6", "found no JSON")),
    ]
    with pytest.raises(DataError) as caught:
        checked_rows(records, pair, "f")
    assert str(caught.value).splitlines() == [
        "f:1: 'label' must be true or false, 1 or 0, found 2",
        "f:3: 'code' is missing; the row has ['label']",
        "f:4: 'code' is empty, expected some text",
        "f:5: expected an object with named columns",
        "f:6: found no JSON",
    ]


def test_of_many_bad_rows_the_first_are_told_and_how_many_more() -> None:
    with pytest.raises(DataError) as caught:
        checked_rows([(f"f:{number}", None) for number in range(23)], pair, "f")
    *error, last = str(caught.value).splitlines()
    assert (len(error), last) == (20, "and 3 more")


def test_no_row_at_all_is_told() -> None:
    with pytest.raises(DataError, match="rows: holds no row"):
        checked_rows([], pair, "rows")
