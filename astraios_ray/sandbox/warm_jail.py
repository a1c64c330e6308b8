"""One running jail: a zygote inside bubblewrap, and the conversation with it."""

import os
import pwd
import secrets
import shutil
import socket
import struct
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from astraios_ray.errors import SandboxError, SandboxUnavailable
from astraios_ray.sandbox.base import Execution, FunctionCheck, Limits
from astraios_ray.sandbox.interpreter import find_interpreter
from astraios_ray.sandbox.jail import wire
from astraios_ray.sandbox.launcher import launch
from astraios_ray.sandbox.policy import bubblewrap_arguments, jail_texts
from astraios_ray.sandbox.seccomp import function_filter
from astraios_ray.sandbox.verdict import Ending, execution

_PATIENCE = 30.0  # seconds for one answer of the zygote, which never runs untrusted code
_GRACE = 1.0  # seconds for a dying candidate to be reaped, so that its own end is known


class WarmJail:
    """Judges one check after another. Not for two threads at once; raises SandboxError when it breaks."""

    def __init__(self) -> None:
        # all that can be missing is asked for before anything is opened
        command = [*outer_limits(), *become_nobody(), program("bwrap", "bubblewrap")]
        interpreter = find_interpreter(become_nobody())
        instructions = function_filter()
        self.checks = 0
        self._diagnosis = os.memfd_create("sandbox-stderr")
        self._zygote, inside = socket.socketpair()
        texts = {name: _memory_file(text) for name, text in jail_texts().items()}
        try:
            self._process = launch(
                [*command, *bubblewrap_arguments(interpreter, texts)],
                stdin=inside.fileno(),
                stderr=self._diagnosis,
                keep=tuple(texts.values()),
            )
        finally:
            inside.close()
            for descriptor in texts.values():
                os.close(descriptor)
        try:
            self._expect("ready", self._answer())
            self._expect("filtered", self._ask(["filter", instructions]))
        except SandboxError:
            self.close()
            raise

    def check(self, check: FunctionCheck, limits: Limits) -> Execution:
        """Judge one program in two fresh processes."""
        self.checks += 1
        nonce = secrets.token_bytes(16)
        started = time.monotonic()
        with _channel() as (ours, theirs):
            self._expect("started", self._ask(["start", _whole_numbers(limits)], theirs))
            theirs.close()
            said, detail = _judgement(ours, nonce, check, started + limits.wall_seconds)
            wall_seconds = time.monotonic() - started
        ended = self._ask(["end", _GRACE if said in ("early_exit", "protocol", "checker_died") else 0.0])
        self._expect("ended", ended)
        (checker, _), (candidate, cpu_seconds) = ended[1:]
        return execution(Ending(said, detail, candidate, checker, wall_seconds, cpu_seconds), limits)

    def close(self) -> None:
        """Kill everything inside. Idempotent."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._zygote.close()
        if self._diagnosis >= 0:
            os.close(self._diagnosis)
            self._diagnosis = -1

    def _ask(self, request: Sequence[object], attached: socket.socket | None = None) -> Any:
        frame = wire.dumps(list(request))
        header = struct.pack(">I", len(frame))
        try:
            if attached:
                socket.send_fds(self._zygote, [header], [attached.fileno()])
            else:
                self._zygote.sendall(header)
            self._zygote.sendall(frame)
        except OSError as error:
            raise SandboxError(self._broken(str(error))) from error
        return self._answer()

    def _answer(self) -> Any:
        self._zygote.settimeout(_PATIENCE)
        try:
            return wire.receive(self._zygote)
        except (OSError, EOFError, wire.WireError) as error:
            raise SandboxError(self._broken(str(error))) from error

    def _expect(self, what: str, answer: Any) -> None:
        if answer[0] != what:
            raise SandboxError(self._broken(f"expected {what!r}, got {answer!r}"))

    def _broken(self, reason: str) -> str:
        """The message of an error: bubblewrap's own words, when it left any."""
        words = os.pread(self._diagnosis, 2000, 0).decode(errors="replace").strip()
        return f"The jail broke: {reason}." + (f" It said: {words}" if words else "")


def become_nobody() -> tuple[str, ...]:
    """The command that turns root into a user who owns nothing; empty for an ordinary user."""
    if os.geteuid() != 0:
        return ()
    user = str(_unused_user())
    setpriv = program("setpriv", "util-linux")
    return (setpriv, f"--reuid={user}", f"--regid={user}", "--clear-groups", "--no-new-privs", "--")


def outer_limits() -> tuple[str, ...]:
    """The command that limits the jail as a whole; each checked process is limited further inside."""
    return (program("prlimit", "util-linux"), "--core=0", "--memlock=0", "--msgqueue=0", "--nofile=256", "--")


def _unused_user() -> int:
    for user in range(64000 + os.getpid() % 500, 65000):
        try:
            pwd.getpwuid(user)
        except KeyError:
            return user
    raise SandboxUnavailable("No free user id from 64000 to 64999 for the jail: free one in /etc/passwd.")


def program(name: str, package: str) -> str:
    """The path of a program. Raises SandboxUnavailable that names its Debian package."""
    path = shutil.which(name)
    if path is None:
        raise SandboxUnavailable(f"The program {name} is missing: `apt-get install {package}`.")
    return path


def _memory_file(text: bytes) -> int:
    descriptor = os.memfd_create("jail-file")
    with open(descriptor, "wb", closefd=False) as file:
        file.write(text)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _whole_numbers(limits: Limits) -> dict[str, int]:
    return {name: value for name, value in asdict(limits).items() if name != "wall_seconds"}


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
