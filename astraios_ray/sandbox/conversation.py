"""Frames to and from a confined process, on two pipes: four bytes of length, then the content."""

import os
import select
import struct
import time

MAX_FRAME = 8 << 20  # bytes of a frame


class PeerGone(Exception):
    """The process closed its side."""


class NoFrame(PeerGone):
    """The process sent bytes that are no frame, so nothing behind them can be read."""


class Conversation:
    """Two pipes. ``inside`` are the ends of the process: its standard input and its standard output."""

    def __init__(self) -> None:
        self._their_input, self._out = os.pipe()
        self._in, self._their_output = os.pipe()
        os.set_blocking(self._out, False)
        os.set_blocking(self._in, False)
        self.inside: tuple[int, ...] = (self._their_input, self._their_output)

    def handed_over(self) -> None:
        """Close the ends of the process here, after the process got them."""
        for descriptor in self.inside:
            os.close(descriptor)
        self.inside = ()

    def send(self, frame: bytes, deadline: float) -> None:
        """Send a frame. Raises TimeoutError at ``deadline``, and PeerGone when the process reads no more."""
        remaining = memoryview(struct.pack(">I", len(frame)) + frame)
        while remaining:
            _wait([], [self._out], deadline)
            try:
                remaining = remaining[os.write(self._out, remaining) :]
            except BrokenPipeError as error:
                raise PeerGone("it reads no more") from error

    def receive(self, deadline: float) -> bytes:
        """The next frame. Raises TimeoutError at ``deadline``, PeerGone when the process sends no more."""
        (size,) = struct.unpack(">I", self._bytes(4, deadline))
        if size > MAX_FRAME:
            raise NoFrame(f"a frame of {size} bytes, of which {MAX_FRAME} are allowed")
        return self._bytes(size, deadline)

    def has_ended(self) -> bool:
        """Whether the process closed its output, or sent something that nobody asked for."""
        return bool(select.select([self._in], [], [], 0)[0])

    def close(self) -> None:
        """Close all descriptors that are open here."""
        for descriptor in (*self.inside, self._out, self._in):
            os.close(descriptor)

    def _bytes(self, size: int, deadline: float) -> bytes:
        parts, remaining = [], size
        while remaining:
            _wait([self._in], [], deadline)
            part = os.read(self._in, remaining)
            if not part:
                raise PeerGone("it closed its output")
            parts.append(part)
            remaining -= len(part)
        return b"".join(parts)


def _wait(reading: list[int], writing: list[int], deadline: float) -> None:
    ready = select.select(reading, writing, [], max(0.0, deadline - time.monotonic()))
    if not (ready[0] or ready[1]):
        raise TimeoutError
