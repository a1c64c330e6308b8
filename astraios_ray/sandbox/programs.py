"""Run one process in a jail: give it input and read its output, or exchange frames with it."""

import os
import selectors
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from astraios_ray.sandbox.conversation import Conversation
from astraios_ray.sandbox.memory_file import memory_file
from astraios_ray.sandbox.protocol import Limits
from astraios_ray.sandbox.warm_jail import WarmJail

_CHUNK = 1 << 16


@dataclass(frozen=True)
class Job:
    """One program to run. ``how`` is a key of jail/program.py; ``payload`` is a source, a binary or files."""

    how: str
    payload: bytes
    stdin: bytes = b""
    filter: str = "function"  # the system calls that it may make
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)

    def request(self, limits: Limits) -> list[object]:
        """The request to the zygote.

        Its descriptors are standard input, output and error, those that the program gets as 3 and on, and the
        payload.
        """
        arguments = [self.filter, self.how, list(self.arguments), dict(self.environment)]
        return ["program", limits.numbers(), *arguments]


@dataclass(frozen=True)
class JobResult:
    """How a job ended. ``cut`` says why we stopped it: "timeout", "output", or empty when we did not."""

    status: int | None  # the kernel's wait status; None when we killed the process
    cut: str
    stdout: bytes
    stderr: bytes
    wall_seconds: float
    cpu_seconds: float

    @property
    def exit_status(self) -> int | None:
        """The exit status of a program that ended by itself; None for any other."""
        has_exited = self.status is not None and os.WIFEXITED(self.status)
        return os.WEXITSTATUS(self.status) if has_exited and self.status is not None else None


def run_job(jail: WarmJail, job: Job, limits: Limits, wall: Sequence[socket.socket] = ()) -> JobResult:
    """Run ``job`` in fresh namespaces. Its descriptor 3 is the ``wall``, which is closed here.

    Raises SandboxError when the jail breaks.
    """
    start = time.monotonic()
    with _files(job) as (stdin, payload), _pipe() as out, _pipe() as errors:
        walls = [end.fileno() for end in wall]
        jail.start(job.request(limits), [stdin, out.writing, errors.writing, *walls, payload])
        for end in wall:
            end.close()
        out.close_writing()
        errors.close_writing()
        deadline = start + limits.wall_seconds
        printed, cut = _pump([out.reading, errors.reading], limits.output_kib << 10, deadline)
        # a program that closed its outputs can still be running
        ((status, cpu_seconds),) = jail.end(0.0 if cut else max(0.0, deadline - time.monotonic()))
    if status is None and not cut:
        cut = "timeout"
    return JobResult(status, cut, printed[0], printed[1], time.monotonic() - start, cpu_seconds)


def start_behind(wall: socket.socket, jail: WarmJail, job: Job, limits: Limits) -> None:
    """Start ``job`` with the ``wall`` as its descriptor 3, which is closed here. What it prints is lost.

    Raises SandboxError when the jail breaks.
    """
    null_device, payload = os.open(os.devnull, os.O_RDWR), memory_file(job.payload)
    try:
        jail.start(job.request(limits), [*[null_device] * 3, wall.fileno(), payload])
    finally:
        os.close(null_device)
        os.close(payload)
        wall.close()


def converse(jail: WarmJail, job: Job, conversation: Conversation, limits: Limits) -> None:
    """Start ``job`` with a conversation as its input and output. Raises SandboxError when the jail breaks."""
    null_device, payload = os.open(os.devnull, os.O_WRONLY), memory_file(job.payload)
    try:
        jail.start(job.request(limits), [*conversation.inside, null_device, payload])
    finally:
        os.close(null_device)
        os.close(payload)
    conversation.handed_over()


def _pump(descriptors: list[int], max_bytes: int, deadline: float) -> tuple[list[bytes], str]:
    """The output on each descriptor, until all end, one exceeds ``max_bytes``, or the deadline."""
    printed = {descriptor: bytearray() for descriptor in descriptors}
    with selectors.DefaultSelector() as selector:
        for descriptor in descriptors:
            selector.register(descriptor, selectors.EVENT_READ)
        cut = ""
        while selector.get_map() and not cut:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                cut = "timeout"
            for key, _ in selector.select(max(0.0, remaining)):
                chunk = os.read(key.fd, _CHUNK)
                printed[key.fd] += chunk
                if not chunk:
                    selector.unregister(key.fd)
                elif len(printed[key.fd]) > max_bytes:
                    cut = "output"
    return [bytes(text[:max_bytes]) for text in printed.values()], cut


@dataclass
class _Pipe:
    reading: int
    writing: int

    def close_writing(self) -> None:
        if self.writing >= 0:
            os.close(self.writing)
            self.writing = -1


@contextmanager
def _pipe() -> Iterator[_Pipe]:
    pipe = _Pipe(*os.pipe())
    try:
        yield pipe
    finally:
        os.close(pipe.reading)
        pipe.close_writing()


@contextmanager
def _files(job: Job) -> Iterator[tuple[int, int]]:
    """Descriptors of the standard input and of the payload."""
    descriptors = [memory_file(job.stdin)]
    try:
        descriptors.append(memory_file(job.payload))
        yield descriptors[0], descriptors[1]
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
