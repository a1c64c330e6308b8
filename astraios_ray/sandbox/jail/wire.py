"""Frames of plain values between an untrusted and a trusted process.

Only exact built-in types cross: None, bool, int, float, complex, str, bytes, list, tuple, set, frozenset,
dict. A value of any other type arrives as ``Opaque``, which equals nothing. There is no pickle, no eval and
no class. Bytes, depth and number of values are bounded on both sides.
"""

import struct
from collections.abc import Callable
from typing import Any, NoReturn, Protocol

MAX_BYTES = 4 << 20
MAX_DEPTH = 64
MAX_VALUES = 400_000

_SEQUENCES: dict[type, bytes] = {list: b"L", tuple: b"U", set: b"S", frozenset: b"Z"}
_BUILDERS: dict[bytes, Callable[[list[Any]], object]] = {
    b"L": list,
    b"U": tuple,
    b"S": set,
    b"Z": frozenset,
}


class WireError(Exception):
    """A value or a frame that cannot cross the wall."""


class SocketLike(Protocol):
    """The part of a socket that is needed here."""

    def recv(self, size: int, /) -> bytes:
        """Receive up to ``size`` bytes; none when the other side is gone."""
        ...

    def sendall(self, data: bytes, /) -> None:
        """Send all of ``data``."""
        ...


class Opaque:
    """Stands for a value of another type. It equals nothing, not even itself, and has no truth value."""

    __slots__ = ("kind",)

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __eq__(self, other: object) -> bool:
        return False

    def __ne__(self, other: object) -> bool:
        return True

    __hash__ = object.__hash__

    def __bool__(self) -> NoReturn:
        raise WireError(f"a value of type {self.kind} is not carried across the wall")

    def __repr__(self) -> str:
        return f"<opaque {self.kind}>"


def send(wall: SocketLike, value: object) -> None:
    """Send one value. Raises WireError when it is too large or too deep, OSError without a listener."""
    frame = dumps(value)
    wall.sendall(struct.pack(">I", len(frame)) + frame)


def receive(wall: SocketLike) -> Any:
    """The next value. Raises EOFError when the other side is gone, WireError for a malformed frame."""
    (size,) = struct.unpack(">I", receive_bytes(wall, 4))
    if size > MAX_BYTES:
        raise WireError(f"a frame of {size} bytes; at most {MAX_BYTES} are read")
    return loads(receive_bytes(wall, size))


def receive_bytes(wall: SocketLike, size: int) -> bytes:
    """Exactly ``size`` bytes. Raises EOFError when the other side is gone earlier."""
    got = bytearray()
    while len(got) < size:
        part = wall.recv(min(1 << 16, size - len(got)))
        if not part:
            raise EOFError("the other side of the wall is gone")
        got += part
    return bytes(got)


def dumps(value: object) -> bytes:
    """The bytes of a plain value. Raises WireError when it is too large or too deep."""
    encoder = _Encoder()
    encoder.put(value, 0)
    return bytes(encoder.out)


def loads(frame: bytes) -> Any:
    """The value of bytes made by ``dumps``. Raises WireError for other bytes; never executes them."""
    decoder = _Decoder(frame)
    try:
        value = decoder.value(0)
    except (ValueError, struct.error, TypeError, OverflowError, MemoryError) as error:
        raise WireError(f"no plain value: {error}") from error
    if decoder.place != len(frame):
        raise WireError("bytes after the value")
    return value


class _Encoder:
    def __init__(self) -> None:
        self.out = bytearray()
        self.values = 0

    def put(self, value: Any, depth: int) -> None:
        self.values += 1
        if depth > MAX_DEPTH or self.values > MAX_VALUES or len(self.out) > MAX_BYTES:
            raise WireError("too many values, too deep or too large")
        kind = type(value)
        if kind in _SEQUENCES:
            self._sequence(_SEQUENCES[kind], list(value), depth)
        elif kind is dict:
            self._sequence(b"D", [part for pair in value.items() for part in pair], depth)
        else:
            self._scalar(kind, value)

    def _sequence(self, tag: bytes, values: list[Any], depth: int) -> None:
        self.out += tag + struct.pack(">I", len(values))
        for value in values:
            self.put(value, depth + 1)

    def _scalar(self, kind: type, value: Any) -> None:
        if value is None:
            self.out += b"N"
        elif kind is bool:
            self.out += b"T" if value else b"F"
        elif kind is float:
            self.out += b"f" + struct.pack(">d", value)
        elif kind is complex:
            self.out += b"c" + struct.pack(">dd", value.real, value.imag)
        elif kind is int:
            self._sized(b"i", value.to_bytes((value.bit_length() + 8) // 8, "big", signed=True))
        elif kind is str:
            self._sized(b"s", value.encode("utf-8", "surrogatepass"))
        elif kind is bytes:
            self._sized(b"b", value)
        else:
            name = kind.__name__
            self._sized(b"O", name.encode("utf-8", "replace")[:64] if type(name) is str else b"?")

    def _sized(self, tag: bytes, content: bytes) -> None:
        if len(self.out) + len(content) > MAX_BYTES:
            raise WireError(f"more than {MAX_BYTES} bytes")
        self.out += tag + struct.pack(">I", len(content)) + content


class _Decoder:
    def __init__(self, frame: bytes) -> None:
        self.frame = frame
        self.place = 0
        self.values = 0

    def value(self, depth: int) -> Any:
        self.values += 1
        if depth > MAX_DEPTH or self.values > MAX_VALUES:
            raise WireError("too many values or too deep")
        tag = self._take(1)
        if tag in _BUILDERS:
            return _BUILDERS[tag]([self.value(depth + 1) for _ in range(self._size())])
        if tag == b"D":
            parts = [self.value(depth + 1) for _ in range(self._size())]
            return dict(zip(parts[::2], parts[1::2], strict=True))
        return self._scalar(tag)

    def _scalar(self, tag: bytes) -> Any:
        if tag in b"NTF":
            return {b"N": None, b"T": True, b"F": False}[tag]
        if tag == b"f":
            return struct.unpack(">d", self._take(8))[0]
        if tag == b"c":
            return complex(*struct.unpack(">dd", self._take(16)))
        content = self._take(self._size()) if tag in b"isbO" else b""
        if tag == b"i":
            return int.from_bytes(content, "big", signed=True)
        if tag == b"s":
            return content.decode("utf-8", "surrogatepass")
        if tag == b"b":
            return content
        if tag == b"O":
            return Opaque(content.decode("utf-8", "replace"))
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
