"""The warm parent of all confined processes: forks them on request, and reaps them.

Runs inside bubblewrap. It holds two capabilities over its own user namespace (to make namespaces and to
give capabilities up) and receives nothing else: no program, no test, no nonce, no credential ever
enters its memory, so a process forked from it knows nothing of any other.

Requests on descriptor 0: ``["filters", {name: instructions}]``; ``["function", limits]`` with the checker's
end of a socket attached, which starts a checker and a candidate; ``["program", limits, filter, how,
arguments, environment]`` with standard input, output, error and the payload attached, which starts one
process; ``["end", seconds]``, which waits that long for the last process's own end, then kills.
"""

import gc
import importlib
import os
import random
import select
import signal
import struct
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from socket import recv_fds, socket, socketpair
from typing import Any, NoReturn, TypeAlias

from astraios_ray.sandbox.jail import confine
from astraios_ray.sandbox.jail.candidate import serve_candidate
from astraios_ray.sandbox.jail.checker import serve_checker
from astraios_ray.sandbox.jail.levels import Level, level_of
from astraios_ray.sandbox.jail.program import serve_program
from astraios_ray.sandbox.jail.wire import loads, receive_bytes, send

# What solutions import: loaded once here, so that no program pays for it.
PRELOADED = (
    *("bisect", "collections", "copy", "datetime", "decimal", "fractions", "functools", "hashlib", "heapq"),
    *("itertools", "math", "operator", "random", "re", "statistics", "string", "typing"),
)

_REAPING = 1.0  # seconds in which a killed process is gone
CONFINED = b"c"  # told on the report; no wait status begins with this byte


@dataclass
class Child:
    """One confined process. ``pid`` is the init of its namespaces, which reports how the process ended."""

    pid: int
    report: int


def main(number: int, readable: Sequence[str], walls: Sequence[str]) -> NoReturn:
    """Serve requests at this level of isolation until the supervisor is gone."""
    level = level_of(number, readable, walls)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a namespace's init ignores signals it does not handle
    supervisor = socket(fileno=0)
    filters: dict[str, bytes] = {}
    children: list[Child] = []
    for name in PRELOADED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # else each child's first collection copies every page of this process
    send(supervisor, ["ready", sys.version.split()[0]])
    while True:
        (what, *value), descriptors = _request(supervisor)
        if what == "filters":
            (filters,) = value
            send(supervisor, ["filtered"])
        elif what == "end":
            send(supervisor, ["ended", *[_end(child, *value) for child in children]])
            children = []
        else:
            spawner = Spawner(level, filters, alone="descriptors" in walls)
            children = _start(supervisor, _FAMILIES[what](spawner, descriptors, *value), descriptors)


def _request(supervisor: socket) -> tuple[Any, list[int]]:
    header, descriptors, _, _ = recv_fds(supervisor, 4, 4)
    if not header:
        os._exit(0)
    header += receive_bytes(supervisor, 4 - len(header))
    return loads(receive_bytes(supervisor, struct.unpack(">I", header)[0])), descriptors


Family: TypeAlias = Iterator[Child]  # starts its processes one after another


@dataclass(frozen=True)
class Spawner:
    """Starts confined processes."""

    level: Level
    filters: Mapping[str, bytes]
    alone: bool  # a process inherits no descriptors but its own

    def spawn(
        self,
        serve: Callable[[list[int]], NoReturn],
        descriptors: list[int],
        limits: Mapping[str, int],
        filter_name: str,
    ) -> Child:
        """One process that serves on ``descriptors``, under an init that reaps it."""
        reading, writing = os.pipe()
        pid = self.level.fork()
        if pid:
            os.close(writing)
            return Child(pid, reading)
        try:
            self.level.enter(limits)
            process = os.fork()
            if process:
                _report_end(process, writing)
            *kept, told = confine.keep_only([*descriptors, writing], close=self.alone)
            random.seed(0)
            self.level.seal(limits, self.filters[filter_name])
            os.write(told, CONFINED)
            os.close(told)
            serve(kept)
        except BaseException as error:  # nothing may return into the zygote's own loop
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
        os._exit(99)


def _function(spawner: Spawner, descriptors: list[int], limits: Mapping[str, int]) -> Family:
    trusted, untrusted = socketpair()
    with trusted, untrusted:
        yield spawner.spawn(_checker, [*descriptors, trusted.fileno()], limits, "function")
        yield spawner.spawn(_candidate, [untrusted.fileno()], limits, "function")


def _program(
    spawner: Spawner,
    descriptors: list[int],
    limits: Mapping[str, int],
    name: str,
    how: str,
    arguments: list[str],
    environment: dict[str, str],
) -> Family:
    serve = partial(serve_program, how=how, arguments=arguments, environment=environment)
    yield spawner.spawn(serve, descriptors, limits, name)


_FAMILIES: dict[str, Callable[..., Family]] = {"function": _function, "program": _program}


def _checker(descriptors: list[int]) -> NoReturn:
    supervisor, wall = (socket(fileno=descriptor) for descriptor in descriptors)
    serve_checker(supervisor, wall)


def _candidate(descriptors: list[int]) -> NoReturn:
    (wall,) = (socket(fileno=descriptor) for descriptor in descriptors)
    serve_candidate(wall)


def _start(supervisor: socket, family: Family, descriptors: list[int]) -> list[Child]:
    children: list[Child] = []
    try:
        for child in family:
            children += [child]  # one by one: what was started is known when the next cannot be
        _expect_confined(children)
        send(supervisor, ["started"])
    except OSError as error:
        for child in children:
            _end(child, 0.0)
        children = []
        send(supervisor, ["error", str(error)])
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
    return children


def _expect_confined(children: list[Child]) -> None:
    """Wait until each process has given up all that it must, before anything untrusted runs."""
    for child in children:
        if os.read(child.report, 1) != CONFINED:
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


def _end(child: Child, seconds: float) -> list[Any]:
    """Kill what is left of ``child``. Returns its wait status, None if it still ran, and its CPU seconds."""
    ended = _reported(child, seconds)
    if not ended:
        os.kill(child.pid, signal.SIGTERM)
        _reported(child, _REAPING)
    os.kill(child.pid, signal.SIGKILL)
    report = os.read(child.report, 4)
    os.close(child.report)
    _, _, usage = os.wait4(child.pid, 0)
    status = struct.unpack("i", report)[0] if len(report) == 4 else None
    by_us = not ended and status == signal.SIGKILL
    return [None if by_us else status, usage.ru_utime + usage.ru_stime]


def _reported(child: Child, seconds: float) -> bool:
    return bool(select.select([child.report], [], [], seconds)[0])
