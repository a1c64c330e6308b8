"""Frames over a socket: four bytes of length, then the bytes of a value."""

import struct
from typing import Any, Protocol

from astraios_ray.sandbox.jail.wire import MAX_BYTES, WireError, dumps, loads


class SocketLike(Protocol):
    """The part of a socket that is needed here."""

    def recv(self, size: int, /) -> bytes:
        """Receive up to ``size`` bytes; none when the other side is gone."""
        ...

    def sendall(self, data: bytes, /) -> None:
        """Send all of ``data``."""
        ...


def send(wall: SocketLike, value: object) -> None:
    """Send one plain value. Raises WireError when it cannot cross, OSError without a listener."""
    send_frame(wall, dumps(value))


def receive(wall: SocketLike) -> Any:
    """The next plain value. Raises EOFError when the other side is gone, WireError for a malformed frame."""
    return loads(receive_frame(wall))


def send_frame(wall: SocketLike, frame: bytes) -> None:
    """Send the length of ``frame``, then the frame."""
    wall.sendall(struct.pack(">I", len(frame)) + frame)


def receive_frame(wall: SocketLike) -> bytes:
    """The next frame. Raises EOFError when the other side is gone, WireError when it is too large."""
    (size,) = struct.unpack(">I", receive_bytes(wall, 4))
    if size > MAX_BYTES:
        raise WireError(f"a frame of {size} bytes; at most {MAX_BYTES} are read")
    return receive_bytes(wall, size)


def receive_bytes(wall: SocketLike, size: int) -> bytes:
    """Exactly ``size`` bytes. Raises EOFError when the other side is gone earlier."""
    received = bytearray()
    while len(received) < size:
        part = wall.recv(min(1 << 16, size - len(received)))
        if not part:
            raise EOFError("the other side of the wall is gone")
        received += part
    return bytes(received)
