"""Frames to and from a confined process, on two pipes: four bytes of length, then as many bytes."""

import os
import select
import struct
import time

from astraios_ray.sandbox.jail.wire import MAX_BYTES

MOST = 2 * MAX_BYTES  # bytes of a frame


class Gone(Exception):
    """The process closed its side."""


class NoFrame(Gone):
    """The process sent what is no frame: nothing after it can be read."""


class Conversation:
    """``inside`` are the process's ends: its standard input, and its output."""

    def __init__(self) -> None:
        self._their_input, self._out = os.pipe()
        self._in, self._their_output = os.pipe()
        os.set_blocking(self._out, False)
        os.set_blocking(self._in, False)
        self.inside: tuple[int, ...] = (self._their_input, self._their_output)

    def handed_over(self) -> None:
        """The process has its ends now; ours are all that is left here."""
        for descriptor in self.inside:
            os.close(descriptor)
        self.inside = ()

    def send(self, frame: bytes, deadline: float) -> None:
        """Raises TimeoutError when the process does not read until ``deadline``, Gone when it never will."""
        left = memoryview(struct.pack(">I", len(frame)) + frame)
        while left:
            _wait([], [self._out], deadline)
            try:
                left = left[os.write(self._out, left) :]
            except BrokenPipeError as error:
                raise Gone("it reads no more") from error

    def receive(self, deadline: float) -> bytes:
        """The next frame. Raises TimeoutError when none has come until ``deadline``, and Gone."""
        (size,) = struct.unpack(">I", self._bytes(4, deadline))
        if size > MOST:
            raise NoFrame(f"a frame of {size} bytes, of which {MOST} are allowed")
        return self._bytes(size, deadline)

    def close(self) -> None:
        """Close what is still open here."""
        for descriptor in (*self.inside, self._out, self._in):
            os.close(descriptor)

    def _bytes(self, size: int, deadline: float) -> bytes:
        parts, left = [], size
        while left:
            _wait([self._in], [], deadline)
            part = os.read(self._in, left)
            if not part:
                raise Gone("it closed its output")
            parts.append(part)
            left -= len(part)
        return b"".join(parts)


def _wait(reading: list[int], writing: list[int], deadline: float) -> None:
    ready = select.select(reading, writing, [], max(0.0, deadline - time.monotonic()))
    if not (ready[0] or ready[1]):
        raise TimeoutError
