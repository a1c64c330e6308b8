"""The warm parent of all checked processes: forks a checker and a candidate on request, and reaps them.

Runs inside bubblewrap. It holds two capabilities over its own user namespace (to make namespaces and to
give capabilities up) and receives nothing else: no program, no test, no nonce, no credential ever
enters its memory, so a process forked from it knows nothing of any other.

Requests on descriptor 0: ``["filter", instructions]``; ``["start", limits]`` with the checker's end of a
socket attached; ``["end", seconds]``, which waits that long for the candidate's own end, then kills.
"""

import contextlib
import gc
import importlib
import os
import random
import select
import signal
import struct
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from socket import recv_fds, socket, socketpair
from typing import Any, NoReturn

from astraios_ray.sandbox.jail import confine
from astraios_ray.sandbox.jail.candidate import serve_candidate
from astraios_ray.sandbox.jail.checker import serve_checker
from astraios_ray.sandbox.jail.wire import loads, receive_bytes, send

# What solutions import: loaded once here, so that no program pays for it.
PRELOADED = (
    *("bisect", "collections", "copy", "datetime", "decimal", "fractions", "functools", "hashlib", "heapq"),
    *("itertools", "math", "operator", "random", "re", "statistics", "string", "typing"),
)


@dataclass
class Child:
    """One confined process. ``pid`` is the init of its namespaces, which reports how the process ended."""

    pid: int
    report: int


def main() -> NoReturn:
    """Serve requests until the supervisor is gone."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a namespace's init ignores signals it does not handle
    supervisor = socket(fileno=0)
    instructions = b""
    children: list[Child] = []
    for name in PRELOADED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # else each child's first collection copies every page of this process
    send(supervisor, ["ready", sys.version.split()[0]])
    while True:
        (what, value), descriptors = _request(supervisor)
        if what == "filter":
            instructions = value
            send(supervisor, ["filtered"])
        elif what == "start":
            children = _start(supervisor, value, instructions, descriptors)
        else:
            send(supervisor, ["ended", *[_end(child, value) for child in children]])
            children = []


def _request(supervisor: socket) -> tuple[Any, list[int]]:
    header, descriptors, _, _ = recv_fds(supervisor, 4, 1)
    if not header:
        os._exit(0)
    header += receive_bytes(supervisor, 4 - len(header))
    return loads(receive_bytes(supervisor, struct.unpack(">I", header)[0])), descriptors


def _start(
    supervisor: socket, limits: Mapping[str, int], instructions: bytes, descriptors: list[int]
) -> list[Child]:
    trusted, untrusted = socketpair()
    children: list[Child] = []
    try:
        children.append(_spawn(serve_checker, [*descriptors, trusted.fileno()], limits, instructions))
        children.append(_spawn(serve_candidate, [untrusted.fileno()], limits, instructions))
        send(supervisor, ["started"])
    except OSError as error:
        for child in children:
            _end(child, 0.0)
        children = []
        send(supervisor, ["error", str(error)])
    finally:
        trusted.close()
        untrusted.close()
        for descriptor in descriptors:
            os.close(descriptor)
    return children


def _spawn(
    serve: Callable[..., NoReturn], descriptors: list[int], limits: Mapping[str, int], instructions: bytes
) -> Child:
    reading, writing = os.pipe()
    pid = confine.fork_into_namespaces()
    if pid:
        os.close(writing)
        return Child(pid, reading)
    try:
        os.setsid()
        confine.mount_private_tmp(limits["disk_mib"])
        confine.drop_capabilities()
        process = os.fork()
        if process:
            _report_end(process, writing)
        sockets = [socket(fileno=kept) for kept in confine.keep_only(descriptors)]
        confine.limit_resources(limits)
        random.seed(0)
        confine.filter_system_calls(instructions)
        serve(*sockets)
    except BaseException as error:  # nothing may return into the zygote's own loop
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
    os._exit(99)


def _report_end(process: int, writing: int) -> NoReturn:
    """The init of one process: hold nothing but the report, reap, tell the exact status, end."""
    (kept,) = confine.keep_only([writing])
    while True:
        ended, status = os.wait()
        if ended == process:
            os.write(kept, struct.pack("i", status))
            os._exit(0)


def _end(child: Child, seconds: float) -> list[Any]:
    """Kill what is left of ``child``. Returns its wait status, None if it still ran, and its CPU seconds."""
    select.select([child.report], [], [], seconds)
    with contextlib.suppress(ProcessLookupError):
        os.kill(child.pid, signal.SIGKILL)
    report = os.read(child.report, 4)
    os.close(child.report)
    _, _, usage = os.wait4(child.pid, 0)
    status = struct.unpack("i", report)[0] if len(report) == 4 else None
    return [status, usage.ru_utime + usage.ru_stime]
