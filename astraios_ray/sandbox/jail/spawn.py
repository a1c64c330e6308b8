"""One confined process: how the zygote starts it, hears how it ended, and ends it."""

import os
import select
import signal
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from astraios_ray.sandbox.jail import confine
from astraios_ray.sandbox.jail.levels import Level

_REAPING = 1.0  # seconds in which a killed process is gone
_CONFINED = b"c"  # told on the report; no wait status begins with this byte


@dataclass
class Child:
    """One confined process, or its init, which reports how the process ended."""

    pid: int
    report: int
    init: bool


@dataclass(frozen=True)
class Spawner:
    """Starts confined processes."""

    level: Level
    filters: Mapping[str, confine.Filter]
    alone: bool  # a process inherits no descriptors but its own

    def spawn(
        self,
        serve: Callable[[list[int]], NoReturn],
        descriptors: list[int],
        limits: Mapping[str, int],
        filter_name: str,
        *,
        init: bool,
    ) -> Child:
        """One process that serves on ``descriptors``.

        What may make processes needs an ``init`` above it that reaps them. What may not can be
        the first process of its namespaces itself, which saves a fork.
        """
        reading, writing = os.pipe()
        pid = self.level.fork()
        if pid:
            os.close(writing)
            return Child(pid, reading, init)
        try:
            self.level.enter(limits)
            process = os.fork() if init else 0
            if process:
                _report_end(process, writing)
            *kept, told = confine.keep_only([*descriptors, writing], close=self.alone)
            self.level.seal(limits, self.filters[filter_name])
            os.write(told, _CONFINED)
            os.close(told)
            serve(kept)
        except BaseException as error:  # nothing may return into the zygote's own loop
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
        os._exit(99)


def expect_confined(children: list[Child]) -> None:
    """Wait until each process has given up all that it must, before anything untrusted runs."""
    for child in children:
        if os.read(child.report, 1) != _CONFINED:
            raise OSError("a process could not be confined")


def _report_end(process: int, writing: int) -> NoReturn:
    """The init of one process: hold nothing but the report, reap, tell the exact status, end.

    Asked to by the zygote with SIGTERM, it kills the process before that: what the
    kernel reaps for a killed init is not accounted.
    """
    (kept,) = confine.keep_only([writing])
    heeded = {signal.SIGCHLD, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, heeded)
    while True:
        ended, status = os.waitpid(-1, os.WNOHANG)
        if ended == process:
            os.write(kept, struct.pack("i", status))
            os._exit(0)
        if ended:
            continue
        told = signal.sigwaitinfo(heeded)
        # a parent outside of the namespace has the number 0, and none but kill() says SI_USER, which is 0
        if (told.si_signo, told.si_pid, told.si_code) == (signal.SIGTERM, os.getppid(), 0):
            os.kill(process, signal.SIGKILL)


def end(child: Child, seconds: float) -> list[Any]:
    """Kill what is left of ``child``. Returns its wait status, None if it still ran, and its CPU seconds."""
    end = os.pidfd_open(child.pid)
    ended = _readable(end, seconds)
    if not ended and child.init:
        os.kill(child.pid, signal.SIGTERM)
        _readable(end, _REAPING)
    os.close(end)
    os.kill(child.pid, signal.SIGKILL)
    report = os.read(child.report, 4)
    os.close(child.report)
    _, waited, usage = os.wait4(child.pid, 0)
    status: int | None = waited
    if child.init:  # killed too early, it reports nothing
        status = struct.unpack("i", report)[0] if len(report) == 4 else None
    by_us = not ended and status == signal.SIGKILL
    return [None if by_us else status, usage.ru_utime + usage.ru_stime]


def _readable(descriptor: int, seconds: float) -> bool:
    return bool(select.select([descriptor], [], [], seconds)[0])
