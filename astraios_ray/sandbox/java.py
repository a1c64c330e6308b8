"""Judge Java: the test in a trusted JVM, the solution in one of its own, a wall between them."""

import time
from dataclasses import replace
from pathlib import Path

from astraios_ray.errors import SandboxError
from astraios_ray.records import Outcome
from astraios_ray.sandbox.conversation import Conversation, Gone, NoFrame
from astraios_ray.sandbox.jail import wire
from astraios_ray.sandbox.java_host import SPENT, JavaHost, NotCompiled
from astraios_ray.sandbox.java_image import ADDRESS_SPACE_MIB, ARCHIVE, find_java
from astraios_ray.sandbox.programs import Job, converse
from astraios_ray.sandbox.protocol import Execution, JavaCheck, Limits
from astraios_ray.sandbox.verdict import Ending, execution, harmless
from astraios_ray.sandbox.warm_jail import WarmJail

_GRACE = 1.0  # seconds for a dying JVM to be reaped
_THREADS = 64  # a JVM has about twenty before a program starts any


def java_limits(limits: Limits) -> Limits:
    """What the JVM's process may use; ``memory_mib`` bounds its heap instead."""
    return replace(limits, memory_mib=ADDRESS_SPACE_MIB, processes=max(_THREADS, limits.processes))


def program_job(classes: bytes, stdin: str, limits: Limits) -> Job:
    """A whole Java program."""
    return _job(classes, stdin, limits, "-jar", ARCHIVE)


def _job(classes: bytes, stdin: str, limits: Limits, *arguments: str) -> Job:
    """A JVM beside an archive of classes."""
    java = find_java()
    return Job(
        "installed",
        wire.dumps({Path(ARCHIVE).name: classes}),
        stdin.encode(),
        filter="program",
        arguments=java.command(java.image, limits.memory_mib, *arguments),
        environment=java.environment(java.image),
    )


def not_compiled(refused: NotCompiled, seconds: float) -> Execution:
    """What is said of a source that the compiler refuses."""
    said = str(refused)
    outcome = Outcome.NO_ENTRY if refused.why == "N" else Outcome.COMPILE_ERROR
    return Execution(outcome, harmless(said.strip().split("\n")[0]), seconds, 0.0, said)


def check_java(host: JavaHost, jail: WarmJail, check: JavaCheck, limits: Limits) -> Execution:
    """Judge one class Solution. Raises SandboxError when the host or the jail breaks."""
    started = time.monotonic()
    try:
        classes = host.compiled("C", check.source, check.test)
    except NotCompiled as refused:
        return not_compiled(refused, time.monotonic() - started)
    started = time.monotonic()
    candidate = Conversation()
    try:
        job = _job(classes, "", limits, "astraios.Candidate")
        converse(jail, job, candidate, java_limits(limits))
        said, detail = _judgement(host, candidate, started + limits.wall_seconds)
        wall_seconds = time.monotonic() - started
        ((status, cpu_seconds),) = jail.end(_GRACE if said == "early_exit" else 0.0)
    finally:
        candidate.close()
    ending = Ending(said, detail, status, None, wall_seconds, cpu_seconds)
    return execution(ending, limits)


def _judgement(host: JavaHost, candidate: Conversation, deadline: float) -> tuple[str, str]:
    """Carry questions and answers between the two until the host judges, or the candidate is no more."""
    end: tuple[str, str] | None = None
    host.tell("G")
    while True:
        try:
            message = host.hear(deadline + _GRACE)
        except TimeoutError:  # the test never ends over what it was answered: this host is of no more use
            host.uses = SPENT
            return "timeout", "while the test looked at its answer"
        if message[:1] == b"V":
            said, _, detail = message[1:].decode(errors="replace").partition("\n")
            return end or _told(said, detail)
        if message[:1] != b"Q":
            raise SandboxError(f"The Java host sent no question: {message[:20]!r}.")
        try:
            candidate.send(message[1:], deadline)
            answer = candidate.receive(deadline)
        except TimeoutError:
            end = "timeout", ""
        except NoFrame as error:
            end = "protocol", str(error)
        except Gone:
            end = "early_exit", ""
        host.tell("X" if end else "A", b"" if end else answer)


def _told(said: str, detail: str) -> tuple[str, str]:
    if said == "runtime_error" and "java.lang.OutOfMemoryError" in detail:
        return "memory", detail
    return said, detail
