"""Values as bytes, between an untrusted and a trusted process: decoding them runs nothing of the sender.

Built-in plain values cross by themselves: None, bool, int, float, complex, str, bytes, list, tuple, set,
frozenset, dict; a child of one of them crosses as its plain value. What other values cross, and as what, two
hooks say: ``take_apart`` gives a name and plain parts, and ``rebuild`` makes a value of them. Lists, dicts
and sets are numbered: one that occurs twice, or that the other side has already, crosses as its number.
There is no pickle and no eval. Bytes, depth and number of values are bounded on both sides.
"""

import math
import struct
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

MAX_BYTES = 16 << 20  # of a value
MAX_DEPTH = 100
MAX_VALUES = 2_000_000
_TOO_MUCH = (
    f"a value of more than {MAX_VALUES:,} parts, {MAX_DEPTH} levels or {MAX_BYTES >> 20} MiB does not cross"
)

Parts: TypeAlias = tuple[str, tuple[Any, ...], bool]  # a name, plain parts, and whether the value can change
TakeApart: TypeAlias = Callable[[Any], "Parts | type"]  # or the plain type of which it is a child
Rebuild: TypeAlias = Callable[[str, tuple[Any, ...]], Any]

_SEQUENCES: dict[type, tuple[bytes, Callable[[Any], Iterator[Any]]]] = {
    list: (b"L", list.__iter__),  # of the plain type, whatever a child of it does
    tuple: (b"U", tuple.__iter__),
    set: (b"S", set.__iter__),
    frozenset: (b"Z", frozenset.__iter__),
}
PLAIN = frozenset([type(None), bool, int, float, complex, str, bytes, *_SEQUENCES, dict])
_CHANGE = (list, set, dict)
_CODES = {int: "q", float: "d"}  # of struct
_MANY = 8  # numbers that are written at once


class WireError(Exception):
    """A value or a frame that cannot cross the wall."""


def _refuse(value: object) -> type:
    raise WireError(f"a value of type {type(value).__name__} does not cross here")


def _unknown(name: str, parts: tuple[Any, ...]) -> object:
    raise WireError(f"a value of the kind {name[:40]!r} does not cross here")


def dumps(value: object, take_apart: TakeApart = _refuse, numbered: list[Any] | None = None) -> bytes:
    """The bytes of a value. Raises WireError when it cannot cross, or is too large or too deep.

    ``numbered`` are the values that the other side has, by number; those that can change are added.
    """
    encoder = _Encoder(take_apart, [] if numbered is None else numbered)
    encoder.put(value, 0)
    if len(encoder.out) >= MAX_BYTES:
        raise WireError(_TOO_MUCH)
    return bytes(encoder.out)


def loads(frame: bytes, rebuild: Rebuild = _unknown, numbered: list[Any] | None = None) -> Any:
    """The value of bytes made by ``dumps``. Raises WireError for other bytes; never executes them."""
    decoder = _Decoder(frame, rebuild, [] if numbered is None else numbered)
    try:
        value = decoder.value(0)
    except WireError:
        raise
    except Exception as error:  # of a constructor, for parts that it does not accept
        raise WireError(f"no value: {type(error).__name__}: {error}"[:200]) from error
    if decoder.place != len(frame):
        raise WireError("bytes after the value")
    return value


class _Encoder:
    def __init__(self, take_apart: TakeApart, numbered: list[Any]) -> None:
        self.out = bytearray()
        self._values = 0
        self._take_apart = take_apart
        self._numbered = numbered  # keeps its values alive, so that an id means one value
        self._numbers = {id(value): number for number, value in enumerate(numbered)}

    def put(self, value: Any, depth: int) -> None:
        self._counted(1, depth)
        kind = type(value)
        if kind in PLAIN:
            self._plain(kind, value, depth)
        elif not self._refers(value):
            parts = self._take_apart(value)
            if isinstance(parts, type):
                self._plain(parts, value, depth)
            else:
                self._apart(value, *parts, depth)

    def _counted(self, values: int, depth: int) -> bool:
        self._values += values
        if depth > MAX_DEPTH or self._values > MAX_VALUES or len(self.out) > MAX_BYTES:
            raise WireError(_TOO_MUCH)
        return True

    def _refers(self, value: Any) -> bool:
        """Whether the value has a number, which is then written."""
        number = self._numbers.get(id(value))
        if number is not None:
            self.out += b"R" + struct.pack(">I", number)
        return number is not None

    def _number(self, value: Any) -> None:
        self._numbers[id(value)] = len(self._numbered)
        self._numbered.append(value)

    def _apart(self, value: Any, name: str, parts: tuple[Any, ...], changes: bool, depth: int) -> None:
        if changes:
            self._number(value)
        self._sized(b"M" if changes else b"X", name.encode())
        self.put(parts, depth + 1)

    def _plain(self, kind: type, value: Any, depth: int) -> None:
        if kind in _CHANGE:
            if self._refers(value):
                return
            self._number(value)
        if kind in _SEQUENCES:
            tag, parts = _SEQUENCES[kind]
            self._sequence(tag, list(parts(value)), depth)
        elif kind is dict:
            self._sequence(b"D", [part for pair in dict.items(value) for part in pair], depth)
        else:
            self._scalar(kind, value)

    def _sequence(self, tag: bytes, values: list[Any], depth: int) -> None:
        self.out += tag + struct.pack(">I", len(values))
        if not self._numbers_alone(values):
            for value in values:
                self.put(value, depth + 1)

    def _numbers_alone(self, values: list[Any]) -> bool:
        """Whether all values are integers of 64 bits, or floats, which are then written at once."""
        code = _CODES.get(type(values[0])) if len(values) >= _MANY else None
        if code is None or len(set(map(type, values))) > 1 or (code == "d" and any(map(math.isnan, values))):
            return False
        try:
            content = struct.pack(f">{len(values)}{code}", *values)
        except struct.error:  # an integer of more bits
            return False
        self.out += code.encode() + content
        return self._counted(len(values), 0)

    def _scalar(self, kind: type, value: Any) -> None:
        if value is None:
            self.out += b"N"
        elif kind is bool:
            self.out += b"T" if value else b"F"
        elif kind is float:
            self._float(value)
        elif kind is complex:
            self.out += b"c" + struct.pack(">dd", value.real, value.imag)
        elif kind is int:
            self._sized(b"i", int.to_bytes(value, (int.bit_length(value) + 8) // 8, "big", signed=True))
        elif kind is str:
            self._sized(b"s", str.encode(value, "utf-8", "surrogatepass"))
        else:
            self._sized(b"b", memoryview(value))

    def _float(self, value: float) -> None:
        """NaN equals nothing but itself, so it is numbered like a value that can change."""
        if value is math.nan:
            self.out += b"n"
        elif not math.isnan(value):
            self.out += b"f" + struct.pack(">d", value)
        elif not self._refers(value):
            self._number(value)
            self.out += b"a"

    def _sized(self, tag: bytes, content: bytes | memoryview) -> None:
        if len(self.out) + len(content) > MAX_BYTES:
            raise WireError(_TOO_MUCH)
        self.out += tag + struct.pack(">I", len(content))
        self.out += content


class _Decoder:
    def __init__(self, frame: bytes, rebuild: Rebuild, numbered: list[Any]) -> None:
        self.frame = frame
        self.place = 0
        self._values = 0
        self._rebuild = rebuild
        self._numbered = numbered

    def value(self, depth: int) -> Any:
        self._values += 1
        if depth > MAX_DEPTH or self._values > MAX_VALUES:
            raise WireError(_TOO_MUCH)
        tag = self._take(1)
        if tag in b"LSDUZ":
            return self._plain(tag, depth)
        if tag in b"MX":
            return self._apart(tag, depth)
        if tag == b"R":
            return self._referred()
        return self._scalar(tag)

    def _plain(self, tag: bytes, depth: int) -> Any:
        values = self._items(self._size(), depth)
        if tag == b"L":
            return self._filled([], list.extend, values)
        if tag == b"S":
            return self._filled(set(), set.update, values)
        if tag == b"D":
            return self._filled({}, _set_pairs, values)
        return tuple(values) if tag == b"U" else frozenset(values)

    def _items(self, size: int, depth: int) -> Iterable[Any]:
        code = self.frame[self.place : self.place + 1]
        if size < _MANY or code not in (b"q", b"d"):
            return (self.value(depth + 1) for _ in range(size))
        self._take(1)
        self._values += size
        return struct.unpack(f">{size}{code.decode()}", self._take(8 * size))

    def _filled(self, value: Any, fill: Callable[[Any, Iterable[Any]], None], values: Iterable[Any]) -> Any:
        self._numbered.append(value)
        fill(value, list(values))
        return value

    def _apart(self, tag: bytes, depth: int) -> Any:
        name = self._take(self._size()).decode()
        number = len(self._numbered)
        if tag == b"M":
            self._numbered.append(_UNFINISHED)
        parts = self.value(depth + 1)
        if type(parts) is not tuple:
            raise WireError("parts that are no tuple")
        value = self._rebuild(name, parts)
        if tag == b"M":
            self._numbered[number] = value
        return value

    def _referred(self) -> Any:
        (number,) = struct.unpack(">I", self._take(4))
        if number >= len(self._numbered) or self._numbered[number] is _UNFINISHED:
            raise WireError(f"no value has the number {number}")
        return self._numbered[number]

    def _scalar(self, tag: bytes) -> Any:
        if tag in b"NTFn":
            return {b"N": None, b"T": True, b"F": False, b"n": math.nan}[tag]
        if tag == b"f":
            return struct.unpack(">d", self._take(8))[0]
        if tag == b"a":
            self._numbered.append(float("nan"))
            return self._numbered[-1]
        if tag == b"c":
            return complex(*struct.unpack(">dd", self._take(16)))
        content = self._take(self._size()) if tag in b"isb" else b""
        if tag == b"i":
            return int.from_bytes(content, "big", signed=True)
        if tag == b"s":
            return content.decode("utf-8", "surrogatepass")
        if tag == b"b":
            return content
        raise WireError(f"no value starts with {tag!r}")

    def _size(self) -> int:
        (size,) = struct.unpack(">I", self._take(4))
        if size > len(self.frame):
            raise WireError(f"{size} announced in a frame of {len(self.frame)} bytes")
        return int(size)

    def _take(self, size: int) -> bytes:
        if self.place + size > len(self.frame):
            raise WireError("the frame ends too early")
        start, self.place = self.place, self.place + size
        return self.frame[start : self.place]


_UNFINISHED = object()  # holds the number of a value until its parts are read


def _set_pairs(target: dict[Any, Any], parts: Iterable[Any]) -> None:
    values = list(parts)
    target.update(zip(values[::2], values[1::2], strict=True))
