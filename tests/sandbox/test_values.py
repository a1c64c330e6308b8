"""Values of numpy cross where numpy is there, and parts that do not fit build nothing."""

import datetime
import zoneinfo
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from astraios_ray.sandbox.jail import values, wire


def crossed(value: Any) -> Any:
    def take_apart(part: Any) -> Any:
        parts = values.take_apart(part)
        assert parts is not None, f"{part!r} cannot cross"
        return parts

    return wire.loads(wire.dumps(value, take_apart), values.rebuild)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6).reshape(2, 3),
        np.array([0.5, np.nan], np.float32),
        np.array([True, False]),
        np.array(["a", "bc"]),
        np.array([1 + 2j]),
        np.array(3),
        np.zeros((0, 4), np.uint8),
        np.array(["2020-01-01"], "datetime64[D]"),
        np.asfortranarray(np.arange(6).reshape(2, 3))[:, ::2],
    ],
)
def test_an_array_keeps_type_shape_and_content(array: Any) -> None:
    back = crossed(array)
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    np.testing.assert_array_equal(back, array)
    assert back.flags.writeable


@pytest.mark.parametrize(
    "scalar", [np.int64(3), np.float64(0.1), np.float32(0.5), np.bool_(True), np.str_("a")]
)
def test_a_scalar_keeps_its_type(scalar: Any) -> None:
    back = crossed(scalar)
    assert type(back) is type(scalar)
    assert back == scalar


def test_an_array_of_objects_crosses_as_its_items() -> None:
    back = crossed(np.array([[1, "a"], [None, Decimal(2)]], object))
    assert back.tolist() == [[1, "a"], [None, Decimal(2)]]


def test_an_array_is_changed_in_place() -> None:
    array = np.arange(3)
    values.set_content(array, values.content(np.array([3, 1, 2])))
    assert array.tolist() == [3, 1, 2]
    with pytest.raises(wire.WireError):
        values.set_content(array, (1, 2, 3))


def test_a_moment_in_a_zone_by_name_is_the_same_moment() -> None:
    moment = datetime.datetime(2020, 7, 1, 12, tzinfo=zoneinfo.ZoneInfo("UTC"))
    assert crossed(moment) == moment
    assert crossed(moment).tzname() == "UTC"


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("numpy array", ("|O", (1,), bytes(8))),
        ("numpy array", ("<i8", (2,), bytes(8))),
        ("numpy array", ("<U999999999999", (1,), b"")),
        ("numpy scalar", ("O", bytes(8))),
        ("namedtuple", ("P", ("a b",), 1)),
        ("namedtuple", ("P", ("class",), 1)),
        ("bytearray", (1 << 40,)),
        ("Decimal", (("0", (1,), 1 << 40),)),
        ("Fraction", (1, 0)),
        ("datetime", (0,) * 9),
        ("Match", ("abc", ((0, 9),), 0, 3, None, None, ())),
        ("named", (99,)),
        ("exception", ()),
        ("library", ("os", "_exit")),
        ("function", (0,)),
    ],
)
def test_parts_that_do_not_fit_build_nothing(name: str, parts: tuple[Any, ...]) -> None:
    frame = wire.dumps(Ellipsis, lambda value: (name, parts, False))
    with pytest.raises(wire.WireError):
        wire.loads(frame, values.rebuild)
