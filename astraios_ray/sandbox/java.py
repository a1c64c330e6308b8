"""Judge Java: test and solution in two JVMs with a wall between them; the JVM of the test is trusted."""

import time
from dataclasses import replace
from pathlib import Path

from astraios_ray.errors import SandboxError
from astraios_ray.records import Outcome
from astraios_ray.sandbox.conversation import Conversation, NoFrame, PeerGone
from astraios_ray.sandbox.jail import wire
from astraios_ray.sandbox.java_host import SPENT, JavaHost, NotCompiled
from astraios_ray.sandbox.java_image import ADDRESS_SPACE_MIB, ARCHIVE, find_java
from astraios_ray.sandbox.programs import Job, converse
from astraios_ray.sandbox.protocol import Execution, JavaCheck, Limits
from astraios_ray.sandbox.verdict import Ending, execution, harmless
from astraios_ray.sandbox.warm_jail import WarmJail

_GRACE = 1.0  # seconds to reap a dying JVM
_THREADS = 64  # a JVM itself has about twenty


def java_limits(limits: Limits) -> Limits:
    """The limits of a JVM's process; ``memory_mib`` bounds the heap instead of the process."""
    return replace(limits, memory_mib=ADDRESS_SPACE_MIB, processes=max(_THREADS, limits.processes))


def program_job(classes: bytes, stdin: str, limits: Limits) -> Job:
    """The job that runs a whole Java program."""
    return _job(classes, stdin, limits, "-jar", ARCHIVE)


def _job(classes: bytes, stdin: str, limits: Limits, *arguments: str) -> Job:
    """The job of a JVM that loads an archive of classes."""
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
    """The verdict on a source that the compiler refuses."""
    output = str(refused)
    outcome = Outcome.NO_ENTRY if refused.letter == "N" else Outcome.COMPILE_ERROR
    return Execution(outcome, harmless(output.strip().split("\n")[0]), seconds, 0.0, output)


def check_java(host: JavaHost, jail: WarmJail, check: JavaCheck, limits: Limits) -> Execution:
    """Judge one class Solution. Raises SandboxError when the host or the jail breaks."""
    start = time.monotonic()
    try:
        classes = host.compiled("C", check.source, check.test)
    except NotCompiled as refused:
        return not_compiled(refused, time.monotonic() - start)
    start = time.monotonic()
    candidate = Conversation()
    try:
        job = _job(classes, "", limits, "astraios.Candidate")
        converse(jail, job, candidate, java_limits(limits))
        report, detail = _judgement(host, candidate, start + limits.wall_seconds)
        wall_seconds = time.monotonic() - start
        ((status, cpu_seconds),) = jail.end(_GRACE if report == "early_exit" else 0.0)
    finally:
        candidate.close()
    ending = Ending(report, detail, status, None, wall_seconds, cpu_seconds)
    return execution(ending, limits)


def _judgement(host: JavaHost, candidate: Conversation, deadline: float) -> tuple[str, str]:
    """Carry questions and answers between host and candidate until the host judges."""
    end: tuple[str, str] | None = None
    host.tell("G")
    while True:
        try:
            message = host.hear(deadline + _GRACE)
        except TimeoutError:  # the test does not end on this answer, so the host cannot be used again
            host.uses = SPENT
            return "timeout", "while the test looked at its answer"
        if message[:1] == b"V":
            report, _, detail = message[1:].decode(errors="replace").partition("\n")
            return end or _report_of(report, detail)
        if message[:1] != b"Q":
            raise SandboxError(f"The Java host sent no question: {message[:20]!r}.")
        try:
            candidate.send(message[1:], deadline)
            answer = candidate.receive(deadline)
        except TimeoutError:
            end = "timeout", ""
        except NoFrame as error:
            end = "protocol", str(error)
        except PeerGone:
            end = "early_exit", ""
        host.tell("X" if end else "A", b"" if end else answer)


def _report_of(report: str, detail: str) -> tuple[str, str]:
    if report == "runtime_error" and "java.lang.OutOfMemoryError" in detail:
        return "memory", detail
    return report, detail
