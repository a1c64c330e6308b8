"""One running jail: a zygote behind its walls, and the socket to it."""

import os
import pwd
import socket
import struct
from collections.abc import Sequence
from functools import cache
from typing import Any

from astraios_ray.errors import SandboxError, SandboxUnavailable
from astraios_ray.sandbox.cgroup import ControlGroup
from astraios_ray.sandbox.jail import frames, wire
from astraios_ray.sandbox.launcher import launch
from astraios_ray.sandbox.memory_file import memory_file
from astraios_ray.sandbox.policy import (
    DEFAULT,
    ENVIRONMENT,
    Policy,
    bare_command,
    bubblewrap_arguments,
    jail_archive,
    jail_texts,
)
from astraios_ray.sandbox.roots import Root, program
from astraios_ray.sandbox.seccomp import filters

_PATIENCE = 30.0  # seconds for one answer of the zygote, which runs no untrusted code


class WarmJail:
    """Starts one confined process, or one pair, after another; only one thread at a time can use it.

    Raises SandboxError when it breaks, and SandboxUnavailable when a program or library is missing.
    """

    def __init__(self, root: Root, policy: Policy = DEFAULT) -> None:
        # look for everything that can be missing before opening anything
        outside = [*outer_limits(policy), *become_nobody()]
        bubblewrap = [program("bwrap", "bubblewrap")] if root.level == 3 else []
        instructions = filters(policy.calls)
        self.root = root
        self.policy = policy
        self.uses = 0
        self._diagnosis = os.memfd_create("sandbox-stderr")
        self._zygote, inside = socket.socketpair()
        texts = jail_texts() if bubblewrap else {"archive": jail_archive()}
        files = {name: memory_file(text) for name, text in texts.items()}
        make = bubblewrap_arguments if bubblewrap else bare_command
        self._group = ControlGroup(policy.memory_mib, policy.processes)
        try:
            self._process = launch(
                [*self._group.enter(), *outside, *bubblewrap, *make(policy, root, files)],
                stdin=inside.fileno(),
                stderr=self._diagnosis,
                keep=tuple(files.values()),
                environment=ENVIRONMENT,
            )
        except OSError:
            self._release()
            raise
        finally:
            inside.close()
            for descriptor in files.values():
                os.close(descriptor)
        try:
            self._expect("ready", self._answer())
            self._expect("filtered", self._ask(["filters", dict(instructions)]))
        except SandboxError:
            self.close()
            raise

    def start(self, request: Sequence[object], descriptors: Sequence[int]) -> None:
        """Let the zygote start the processes of ``request`` with these descriptors, in new namespaces."""
        self.uses += 1
        self._expect("started", self._ask(request, descriptors))

    def end(self, seconds: float) -> list[tuple[int | None, float]]:
        """Wait so long for the last started process, then kill all that still run.

        Returns for each process, in the order of their start, its wait status (None when it was killed here)
        and its CPU seconds with those of its children.
        """
        answer = self._ask(["end", seconds], patience=_PATIENCE + seconds)
        self._expect("ended", answer)
        return [(status, cpu_seconds) for status, cpu_seconds in answer[1:]]

    def alive(self) -> bool:
        """Whether the zygote still runs."""
        return self._process.poll() is None

    def close(self) -> None:
        """Kill all processes of the jail; a second call does nothing."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._release()

    def _release(self) -> None:
        self._group.close()
        self._zygote.close()
        if self._diagnosis >= 0:
            os.close(self._diagnosis)
            self._diagnosis = -1

    def _ask(
        self, request: Sequence[object], attached: Sequence[int] = (), patience: float = _PATIENCE
    ) -> Any:
        frame = wire.dumps(list(request))
        header = struct.pack(">I", len(frame))
        try:
            if attached:
                socket.send_fds(self._zygote, [header], list(attached))
            else:
                self._zygote.sendall(header)
            self._zygote.sendall(frame)
        except OSError as error:
            raise SandboxError(self._broken(str(error))) from error
        return self._answer(patience)

    def _answer(self, patience: float = _PATIENCE) -> Any:
        self._zygote.settimeout(patience)
        try:
            return frames.receive(self._zygote)
        except (OSError, EOFError, wire.WireError) as error:
            raise SandboxError(self._broken(str(error))) from error

    def _expect(self, kind: str, answer: Any) -> None:
        if answer[0] != kind:
            raise SandboxError(self._broken(f"expected {kind!r}, got {answer!r}"))

    def _broken(self, reason: str) -> str:
        """The message of an error, with the messages of bubblewrap, if any."""
        words = os.pread(self._diagnosis, 2000, 0).decode(errors="replace").strip()
        return f"The jail broke: {reason}." + (f" It said: {words}" if words else "")


def become_nobody() -> tuple[str, ...]:
    """The command that turns root into an unused user; empty for an ordinary user."""
    return _command_of_nobody(os.getpid()) if os.geteuid() == 0 else ()


@cache  # every check asks for it
def _command_of_nobody(process: int) -> tuple[str, ...]:
    user = str(_unused_user(process))
    setpriv = program("setpriv", "util-linux")
    return (setpriv, f"--reuid={user}", f"--regid={user}", "--clear-groups", "--no-new-privs", "--")


def outer_limits(policy: Policy) -> tuple[str, ...]:
    """The command that limits the whole jail; each checked process has further limits inside."""
    return (program("prlimit", "util-linux"), *policy.outer_limits, "--")


def _unused_user(process: int) -> int:
    for user in range(64000 + process % 500, 65000):
        try:
            pwd.getpwuid(user)
        except KeyError:
            return user
    raise SandboxUnavailable("No free user id from 64000 to 64999 for the jail: free one in /etc/passwd.")
