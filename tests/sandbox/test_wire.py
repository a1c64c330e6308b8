"""The wall: plain values cross unchanged, and nothing else crosses."""

import contextlib
import math
import pickle
import socket
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from astraios_ray.sandbox.jail import frames, wire

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.complex_numbers(allow_nan=False)
    | st.text()
    | st.binary()
)
HASHABLE = st.integers() | st.text() | st.tuples(st.integers(), st.text())
PLAIN = st.recursive(
    SCALARS | st.frozensets(HASHABLE),
    lambda inner: (
        st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(HASHABLE, inner) | st.sets(HASHABLE)
    ),
    max_leaves=20,
)


@given(PLAIN)
def test_plain_values_come_through_with_their_types(value: Any) -> None:
    back = wire.loads(wire.dumps(value))
    assert back == value
    assert repr(back) == repr(value) or isinstance(value, (set, frozenset, dict, list, tuple))


@given(st.binary(max_size=200))
def test_any_other_bytes_are_refused_and_never_run(frame: bytes) -> None:
    with contextlib.suppress(wire.WireError):
        wire.loads(frame)


@pytest.mark.parametrize(
    "value", [float("nan"), -0.0, 2**5000, -(2**63), "\ud800", "", b"\0", [], {}, (), [[]], {1: {2: [3]}}]
)
def test_odd_values_come_through(value: Any) -> None:
    back = wire.loads(wire.dumps(value))
    assert repr(back) == repr(value) if isinstance(value, float) else back == value
    assert not isinstance(value, float) or math.copysign(1, back) == math.copysign(1, value)


class Sly(int):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = int.__hash__


@pytest.mark.parametrize("value", [object(), range(3), len, Sly, bytearray(b"x"), iter([])])
def test_a_value_of_another_type_needs_somebody_who_takes_it_apart(value: object) -> None:
    with pytest.raises(wire.WireError, match="does not cross here"):
        wire.dumps([value])


def test_a_child_of_a_plain_type_arrives_as_its_plain_value() -> None:
    back = wire.loads(wire.dumps([Sly(9)], lambda value: int))
    assert back == [9]
    assert type(back[0]) is int


def test_a_value_that_occurs_twice_is_one_value_again() -> None:
    row: list[Any] = [1]
    row.append(row)
    back = wire.loads(wire.dumps([row, row, float("nan")]))
    assert back[0] is back[1] is back[0][1]


@pytest.mark.parametrize(
    "numbers", [list(range(-9, 9)), [2**63] * 9, [0.5, -0.0] * 9, [math.inf] * 8, [True] * 9]
)
def test_many_numbers_come_through_with_their_types(numbers: list[Any]) -> None:
    assert repr(wire.loads(wire.dumps(numbers))) == repr(numbers)


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"?",
        b"NN",
        b"i\0\0\0\x09\1",
        b"L\xff\xff\xff\xff",
        b"D\0\0\0\1N",
        b"D\0\0\0\2L\0\0\0\0N",
        b"S\0\0\0\1L\0\0\0\0",
        b"s\0\0\0\1\xff",
        pickle.dumps(9),
        b"L\0\0\0\1" * 1000 + b"N",
        b"R\0\0\0\0",
        b"L\0\0\0\1R\xff\xff\xff\xff",
        b"L\0\0\0\x09q\0",
        b"X\0\0\0\7CounterN",
        b"X\0\0\0\7CounterU\0\0\0\0",
    ],
)
def test_a_malformed_frame_is_an_error_of_the_wire(frame: bytes) -> None:
    with pytest.raises(wire.WireError):
        wire.loads(frame)


def test_what_is_too_deep_too_many_or_too_large_is_not_sent() -> None:
    deep: list[Any] = []
    for _ in range(wire.MAX_DEPTH + 1):
        deep = [deep]
    for value in (deep, [0] * (wire.MAX_VALUES + 1), "x" * (wire.MAX_BYTES + 1), 1 << (8 * wire.MAX_BYTES)):
        with pytest.raises(wire.WireError):
            wire.dumps(value)


def test_a_frame_that_announces_too_much_is_not_read() -> None:
    near_end, far_end = socket.socketpair()
    with near_end, far_end:
        far_end.sendall(struct.pack(">I", wire.MAX_BYTES + 1))
        with pytest.raises(wire.WireError, match="at most"):
            frames.receive(near_end)


def test_the_end_of_the_other_side_is_noticed() -> None:
    near_end, far_end = socket.socketpair()
    with near_end:
        far_end.sendall(b"\0\0\0\5abc")
        far_end.close()
        with pytest.raises(EOFError):
            frames.receive(near_end)
