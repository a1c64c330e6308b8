"""Run one process in a jail: feed it and read what it prints, or speak with it, and tell how it ended."""

import os
import selectors
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from astraios_ray.sandbox.conversation import Conversation
from astraios_ray.sandbox.memory_file import memory_file
from astraios_ray.sandbox.protocol import Limits
from astraios_ray.sandbox.warm_jail import WarmJail

_CHUNK = 1 << 16


@dataclass(frozen=True)
class Job:
    """What is to be run. ``how`` is one of jail/program.py; ``payload`` a source, a binary, or files."""

    how: str
    payload: bytes
    stdin: bytes = b""
    filter: str = "function"  # which system calls it may make
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)

    def request(self, limits: Limits) -> list[object]:
        """What the zygote is asked; the descriptors are standard input, output, error and the payload."""
        asked = [self.filter, self.how, list(self.arguments), dict(self.environment)]
        return ["program", limits.numbers(), *asked]


@dataclass(frozen=True)
class Ran:
    """How a job ended. ``cut`` says why it was ended by us: "timeout", "output", or nothing."""

    status: int | None  # the kernel's wait status; None when it was killed by us
    cut: str
    stdout: bytes
    stderr: bytes
    wall_seconds: float
    cpu_seconds: float

    @property
    def exit_status(self) -> int | None:
        """What the program itself returned, when it ended by itself."""
        ended = self.status is not None and os.WIFEXITED(self.status)
        return os.WEXITSTATUS(self.status) if ended and self.status is not None else None


def run_job(jail: WarmJail, job: Job, limits: Limits) -> Ran:
    """Run ``job`` in fresh namespaces. Raises SandboxError when the jail breaks."""
    started = time.monotonic()
    with _files(job) as (stdin, payload), _pipe() as out, _pipe() as errors:
        jail.start(job.request(limits), [stdin, out.writing, errors.writing, payload])
        out.close_writing()
        errors.close_writing()
        deadline = started + limits.wall_seconds
        printed, cut = _pump([out.reading, errors.reading], limits.output_kib << 10, deadline)
        # a program that closed its outputs may still be running
        ((status, cpu_seconds),) = jail.end(0.0 if cut else max(0.0, deadline - time.monotonic()))
    if status is None and not cut:
        cut = "timeout"
    return Ran(status, cut, printed[0], printed[1], time.monotonic() - started, cpu_seconds)


def converse(jail: WarmJail, job: Job, conversation: Conversation, limits: Limits) -> None:
    """Start ``job`` to read and write frames instead. Raises SandboxError when the jail breaks."""
    nothing, payload = os.open(os.devnull, os.O_WRONLY), memory_file(job.payload)
    try:
        jail.start(job.request(limits), [*conversation.inside, nothing, payload])
    finally:
        os.close(nothing)
        os.close(payload)
    conversation.handed_over()


def _pump(descriptors: list[int], most: int, deadline: float) -> tuple[list[bytes], str]:
    """All that is printed, until the ends, ``most`` bytes of one, or the deadline."""
    printed = {descriptor: bytearray() for descriptor in descriptors}
    with selectors.DefaultSelector() as selector:
        for descriptor in descriptors:
            selector.register(descriptor, selectors.EVENT_READ)
        cut = ""
        while selector.get_map() and not cut:
            left = deadline - time.monotonic()
            if left <= 0:
                cut = "timeout"
            for key, _ in selector.select(max(0.0, left)):
                chunk = os.read(key.fd, _CHUNK)
                printed[key.fd] += chunk
                if not chunk:
                    selector.unregister(key.fd)
                elif len(printed[key.fd]) > most:
                    cut = "output"
    return [bytes(text[:most]) for text in printed.values()], cut


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
    """Standard input and payload."""
    descriptors = [memory_file(job.stdin)]
    try:
        descriptors.append(memory_file(job.payload))
        yield descriptors[0], descriptors[1]
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
