"""The warm parent of all confined processes: forks them on request, and reaps them.

It runs inside bubblewrap with two capabilities over its own user namespace, to make namespaces and to give
capabilities up. No program, test, nonce or credential ever enters its memory, so a process forked from it
knows nothing of any other.

Requests on descriptor 0: ``["filters", {name: instructions}]``; ``["function", limits]`` with the checker's
end of a socket attached, which starts a checker and a candidate; ``["program", limits, filter, how,
arguments, environment]`` with standard input, output, error, possibly a wall, and the payload attached, which
starts one process; ``["end", seconds]``, which waits that long for the last process's own end, then kills.
"""

import _socket
import gc
import os
import random
import signal
import struct
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from socket import recv_fds, socket, socketpair
from typing import Any, NoReturn, TypeAlias

from astraios_ray.sandbox.jail import confine
from astraios_ray.sandbox.jail.candidate import serve_candidate
from astraios_ray.sandbox.jail.checker import serve_checker
from astraios_ray.sandbox.jail.frames import receive_bytes, send
from astraios_ray.sandbox.jail.levels import level_of
from astraios_ray.sandbox.jail.program import serve_program
from astraios_ray.sandbox.jail.spawn import Child, Spawner, end, expect_confined
from astraios_ray.sandbox.jail.wire import loads

_MOST_DESCRIPTORS = 5  # of one request


def serve(number: int, readable: Sequence[str], walls: Sequence[str]) -> NoReturn:
    """Serve requests at this level of isolation until the supervisor is gone."""
    level = level_of(number, readable, walls)
    level.settle()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # the init of a namespace ignores signals without a handler
    random.seed(0)
    sys.set_int_max_str_digits(0)  # the limit of CPU time bounds what long numbers cost
    supervisor = socket(fileno=0)
    closes_descriptors = "descriptors" in walls
    spawner = Spawner(level, {}, closes_descriptors)
    children: list[Child] = []
    gc.collect()
    gc.freeze()  # the first collection of a child would copy every page of this process
    send(supervisor, ["ready", sys.version.split()[0]])
    while True:
        (what, *value), descriptors = _request(supervisor)
        if what == "filters":
            filters = {name: confine.Filter(instructions) for name, instructions in value[0].items()}
            spawner = Spawner(level, filters, closes_descriptors)
            send(supervisor, ["filtered"])
        elif what == "end":
            send(supervisor, ["ended", *[end(child, *value) for child in children]])
            children = []
        else:
            children = _start(supervisor, _FAMILIES[what](spawner, descriptors, *value), descriptors)


def _request(supervisor: socket) -> tuple[Any, list[int]]:
    header, descriptors, _, _ = recv_fds(supervisor, 4, _MOST_DESCRIPTORS)
    if not header:
        os._exit(0)
    header += receive_bytes(supervisor, 4 - len(header))
    return loads(receive_bytes(supervisor, struct.unpack(">I", header)[0])), descriptors


Family: TypeAlias = Iterator[Child]  # starts processes one after another


def _function(spawner: Spawner, descriptors: list[int], limits: Mapping[str, int]) -> Family:
    trusted, untrusted = socketpair()
    with trusted, untrusted:
        yield spawner.spawn(_checker, [*descriptors, trusted.fileno()], limits, "function", init=False)
        yield spawner.spawn(_candidate, [untrusted.fileno()], limits, "function", init=False)


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
    yield spawner.spawn(serve, descriptors, limits, name, init=True)


_FAMILIES: dict[str, Callable[..., Family]] = {"function": _function, "program": _program}


def _checker(descriptors: list[int]) -> NoReturn:
    supervisor, wall = descriptors
    serve_checker(_socket.socket(fileno=supervisor), _socket.socket(fileno=wall))


def _candidate(descriptors: list[int]) -> NoReturn:
    (wall,) = descriptors
    serve_candidate(_socket.socket(fileno=wall))


def _start(supervisor: socket, family: Family, descriptors: list[int]) -> list[Child]:
    children: list[Child] = []
    try:
        for child in family:
            children += [child]  # one by one, so that started children are known when the next fails
        expect_confined(children)
        send(supervisor, ["started"])
    except OSError as error:
        for child in children:
            end(child, 0.0)
        children = []
        send(supervisor, ["error", str(error)])
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
    return children
