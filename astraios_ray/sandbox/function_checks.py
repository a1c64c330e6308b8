"""Check a Python function: the test in one confined process, the function in another, a wall between them."""

import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from astraios_ray.errors import SandboxError
from astraios_ray.sandbox.jail import wire
from astraios_ray.sandbox.protocol import Execution, FunctionCheck, Limits
from astraios_ray.sandbox.verdict import Ending, execution
from astraios_ray.sandbox.warm_jail import WarmJail

_GRACE = 1.0  # seconds for a dying candidate to be reaped, so that its own end is known


def check_function(jail: WarmJail, check: FunctionCheck, limits: Limits) -> Execution:
    """Judge one function. Raises SandboxError when the jail breaks, DataError when the test is broken."""
    nonce = secrets.token_bytes(16)
    started = time.monotonic()
    with _channel() as (ours, theirs):
        jail.start(["function", limits.numbers()], [theirs.fileno()])
        theirs.close()
        said, detail = _judgement(ours, nonce, check, started + limits.wall_seconds)
        wall_seconds = time.monotonic() - started
    (checker, checked), (candidate, cpu_seconds) = jail.end(
        _GRACE if said in ("early_exit", "protocol", "checker_died") else 0.0
    )
    ending = Ending(said, detail, candidate, checker, wall_seconds, cpu_seconds, checked)
    return execution(ending, limits)


@contextmanager
def _channel() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


class _WithDeadline:
    """A socket on which everything together takes no longer than until ``deadline``."""

    def __init__(self, wall: socket.socket, deadline: float) -> None:
        self._wall = wall
        self._deadline = deadline

    def recv(self, size: int, /) -> bytes:
        return self._armed().recv(size)

    def sendall(self, data: bytes, /) -> None:
        self._armed().sendall(data)

    def _armed(self) -> socket.socket:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._wall.settimeout(left)
        return self._wall


def _judgement(ours: socket.socket, nonce: bytes, check: FunctionCheck, deadline: float) -> tuple[str, str]:
    """What the checker says, or "timeout", or "checker_died"."""
    request = [nonce, check.source, check.entry_point, check.prelude, check.test]
    guarded = _WithDeadline(ours, deadline)
    try:
        wire.send(guarded, request)
        said = wire.receive(guarded)
    except TimeoutError:
        return "timeout", ""
    except (EOFError, OSError):
        return "checker_died", ""
    if type(said) is not list or len(said) != 3 or not _is_nonce(said[0], nonce):
        raise SandboxError(f"The checker sent no judgement: {str(said)[:100]}.")
    return str(said[1]), str(said[2])


def _is_nonce(said: object, nonce: bytes) -> bool:
    return type(said) is bytes and secrets.compare_digest(said, nonce)
