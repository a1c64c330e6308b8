"""Check a Python function: test and function in two confined processes with a wall between them."""

import secrets
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from astraios_ray.errors import DataError, SandboxError
from astraios_ray.sandbox.jail import frames, wire
from astraios_ray.sandbox.protocol import Execution, FunctionCheck, Limits
from astraios_ray.sandbox.verdict import Ending, execution
from astraios_ray.sandbox.warm_jail import WarmJail

_GRACE = 1.0  # seconds to reap a dying candidate, so that its own end is known


def check_function(jail: WarmJail, check: FunctionCheck, limits: Limits) -> Execution:
    """Judge one function. Raises SandboxError when the jail breaks, DataError when the test is broken."""
    nonce = secrets.token_bytes(16)
    start = time.monotonic()
    with _channel() as (supervisor_end, checker_end):
        jail.start(["function", limits.numbers()], [checker_end.fileno()])
        checker_end.close()
        report, detail = _judgement(supervisor_end, nonce, check, start + limits.wall_seconds)
        wall_seconds = time.monotonic() - start
    (checker, checked), (candidate, cpu_seconds) = jail.end(
        _GRACE if report in ("early_exit", "protocol", "checker_died") else 0.0
    )
    ending = Ending(report, detail, candidate, checker, wall_seconds, cpu_seconds, checked)
    return execution(ending, limits)


@contextmanager
def _channel() -> Iterator[tuple[socket.socket, socket.socket]]:
    supervisor_end, checker_end = socket.socketpair()
    with supervisor_end, checker_end:
        yield supervisor_end, checker_end


class _WithDeadline:
    """A socket on which all operations end at ``deadline``."""

    def __init__(self, wall: socket.socket, deadline: float) -> None:
        self._wall = wall
        self._deadline = deadline

    def recv(self, size: int, /) -> bytes:
        return self._armed().recv(size)

    def sendall(self, data: bytes, /) -> None:
        self._armed().sendall(data)

    def _armed(self) -> socket.socket:
        remaining = self._deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError
        self._wall.settimeout(remaining)
        return self._wall


def _judgement(
    supervisor_end: socket.socket, nonce: bytes, check: FunctionCheck, deadline: float
) -> tuple[str, str]:
    """The report of the checker and its detail, or "timeout", or "checker_died"."""
    request = [nonce, check.source, check.entry_point, check.prelude, check.test]
    guarded = _WithDeadline(supervisor_end, deadline)
    try:
        _send(guarded, request)
        answer = frames.receive(guarded)
    except TimeoutError:
        return "timeout", ""
    except (EOFError, OSError):
        return "checker_died", ""
    except wire.WireError as error:
        raise SandboxError(f"The checker sent no judgement: {error}.") from error
    if type(answer) is not list or len(answer) != 3 or not _is_nonce(answer[0], nonce):
        raise SandboxError(f"The checker sent no judgement: {str(answer)[:100]}.")
    return str(answer[1]), str(answer[2])


def _send(guarded: _WithDeadline, request: Sequence[object]) -> None:
    try:
        frames.send(guarded, request)
    except wire.WireError as error:  # the test is large: a program is not
        raise DataError(f"A program and its test cannot be judged: {error}.") from error


def _is_nonce(value: object, nonce: bytes) -> bool:
    return type(value) is bytes and secrets.compare_digest(value, nonce)
