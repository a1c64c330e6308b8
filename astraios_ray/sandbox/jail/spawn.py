"""Start a confined process from the zygote, learn how it ended, and end it."""

import os
import select
import signal
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeAlias

from astraios_ray.sandbox.jail import confine
from astraios_ray.sandbox.jail.levels import Level

_REAPING = 1.0  # seconds until a killed process is gone
_CONFINED = b"c"  # sent on the report; no wait status begins with this byte

_Steps: TypeAlias = tuple[tuple[confine.Step, ...], tuple[confine.Step, ...]]


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
    closes_descriptors: bool  # whether a process closes all descriptors but its own
    _steps: dict[tuple[Any, ...], _Steps] = field(default_factory=dict)  # by filter and limits

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

        A program that can make processes needs an ``init`` above it that reaps them. Any other can be the
        first process of its namespaces, which saves a fork.
        """
        enter, seal = self._steps_of(limits, filter_name)
        reading, writing = os.pipe()
        pid = self.level.fork()
        if pid:
            os.close(writing)
            return Child(pid, reading, init)
        try:
            confine.take(enter)
            process = os.fork() if init else 0
            if process:
                _report_end(process, writing)
            *own_descriptors, report = confine.keep_only(
                [*descriptors, writing], close=self.closes_descriptors
            )
            confine.take(seal)
            os.write(report, _CONFINED)
            os.close(report)
            serve(own_descriptors)
        except BaseException as error:  # the child must not return into the zygote's loop
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
        os._exit(99)

    def _steps_of(self, limits: Mapping[str, int], filter_name: str) -> _Steps:
        """The steps to enter and to seal."""
        key = (filter_name, *limits.values())
        if key not in self._steps:
            seal = self.level.seal(limits, self.filters[filter_name])
            self._steps[key] = tuple(self.level.enter(limits)), tuple(seal)
        return self._steps[key]


def expect_confined(children: list[Child]) -> None:
    """Wait until each process has given up its rights, before untrusted code runs."""
    for child in children:
        if os.read(child.report, 1) != _CONFINED:
            raise OSError("a process could not be confined")


def _report_end(process: int, writing: int) -> NoReturn:
    """The init of one process: keep only the report, reap, report the exact status, and end.

    On SIGTERM of the zygote it kills the process first, since the kernel does not account for processes that
    it reaps itself after an init was killed.
    """
    (report,) = confine.keep_only([writing])
    signals = {signal.SIGCHLD, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    while True:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == process:
            os.write(report, struct.pack("i", status))
            os._exit(0)
        if pid:
            continue
        info = signal.sigwaitinfo(signals)
        # a parent outside of the namespace has the number 0, and only kill() gives SI_USER, which is 0
        if (info.si_signo, info.si_pid, info.si_code) == (signal.SIGTERM, os.getppid(), 0):
            os.kill(process, signal.SIGKILL)


def end(child: Child, seconds: float) -> list[Any]:
    """Kill ``child`` if it still runs. Returns its wait status, None if it was killed, and CPU seconds."""
    pidfd = os.pidfd_open(child.pid)
    has_ended = _readable(pidfd, seconds)
    if not has_ended and child.init:
        os.kill(child.pid, signal.SIGTERM)
        _readable(pidfd, _REAPING)
    os.close(pidfd)
    os.kill(child.pid, signal.SIGKILL)
    report = os.read(child.report, 4)
    os.close(child.report)
    _, waited, usage = os.wait4(child.pid, 0)
    status: int | None = waited
    if child.init:  # an init that was killed too early reports nothing
        status = struct.unpack("i", report)[0] if len(report) == 4 else None
    by_us = not has_ended and status == signal.SIGKILL
    return [None if by_us else status, usage.ru_utime + usage.ru_stime]


def _readable(descriptor: int, seconds: float) -> bool:
    return bool(select.select([descriptor], [], [], seconds)[0])
