"""The warm JVM that compiles untrusted sources and runs trusted tests."""

import struct
import time

from astraios_ray.errors import DataError, SandboxError
from astraios_ray.sandbox.conversation import MAX_FRAME, Conversation, PeerGone
from astraios_ray.sandbox.jail import wire
from astraios_ray.sandbox.java_image import ADDRESS_SPACE_MIB, find_java
from astraios_ray.sandbox.policy import DEFAULT, Policy
from astraios_ray.sandbox.programs import Job, converse
from astraios_ray.sandbox.protocol import Limits
from astraios_ray.sandbox.roots import Root
from astraios_ray.sandbox.warm_jail import WarmJail

_COMPILING = 30.0  # seconds for one answer of the compiler
SPENT = 1 << 30  # a number of uses after which the pool ends a host
_HEAP_MIB = 512
_LIMITS = Limits(
    cpu_seconds=1 << 30, memory_mib=ADDRESS_SPACE_MIB, processes=64, files=256
)  # it serves for hours; each answer has its deadline


class NotCompiled(Exception):
    """The compiler's message. ``letter`` is "E", or "N" when there is no class Solution."""

    def __init__(self, letter: str, message: str) -> None:
        super().__init__(message)
        self.letter = letter


class JavaHost:
    """Compiles and tests one solution after another; only one thread at a time can use it.

    Raises SandboxError when it breaks.
    """

    def __init__(self, root: Root, policy: Policy = DEFAULT) -> None:
        java = find_java()
        self.root = root
        self.policy = policy
        self.uses = 0
        self._jail = WarmJail(root, policy)
        self._conversation = Conversation()
        job = Job(
            "installed",
            wire.dumps({}),
            filter="program",
            arguments=java.command(java.jdk, _HEAP_MIB, "astraios.Host"),
            environment=java.environment(java.jdk),
        )
        try:
            converse(self._jail, job, self._conversation, _LIMITS)
        except (SandboxError, OSError):
            self.close()
            raise

    def compiled(self, letter: str, *texts: str) -> bytes:
        """Compile ``texts``, where ``letter`` selects how, see Host.java. Returns an archive of the classes.

        Raises NotCompiled, and DataError for a test that is too large.
        """
        self.uses += 1
        parts = [text.encode("utf-8", errors="replace") for text in texts]
        if (size := sum(map(len, parts))) > MAX_FRAME:
            raise DataError(f"A program and its test have {size} bytes, at most {MAX_FRAME} are compiled.")
        self.tell(letter, b"".join(struct.pack(">I", len(part)) + part for part in parts))
        try:
            answer = self.hear(time.monotonic() + _COMPILING)
        except TimeoutError as error:  # the compiler does not end, so the host cannot be used again
            self.uses = SPENT
            raise NotCompiled("E", f"error: the compiler was stopped after {_COMPILING:g} s") from error
        if answer[:1] != b"L":
            raise NotCompiled(answer[:1].decode(), answer[1:].decode(errors="replace"))
        return answer[1:]

    def tell(self, letter: str, body: bytes = b"") -> None:
        """Send a message: one letter and a body."""
        try:
            self._conversation.send(letter.encode() + body, time.monotonic() + _COMPILING)
        except (TimeoutError, PeerGone) as error:
            raise SandboxError(f"The Java host reads nothing: {error}.") from error

    def hear(self, deadline: float) -> bytes:
        """The next message of the host. Raises TimeoutError at the deadline."""
        try:
            return self._conversation.receive(deadline)
        except PeerGone as error:
            raise SandboxError(f"The Java host is gone: {error}.") from error

    def alive(self) -> bool:
        """Whether the JVM still runs."""
        return self._jail.alive() and not self._conversation.has_ended()

    def close(self) -> None:
        """End the JVM."""
        self._jail.close()
        self._conversation.close()
