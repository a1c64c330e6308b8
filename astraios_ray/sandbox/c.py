"""C: compile in one jail, run the binary in another."""

from dataclasses import replace

from astraios_ray.sandbox.jail import wire
from astraios_ray.sandbox.policy import ENVIRONMENT
from astraios_ray.sandbox.programs import Job
from astraios_ray.sandbox.protocol import Limits

SOURCE = "source.c"
LINKED = ("-O1", "-std=gnu11", "-o", "/tmp/out")
_LIBRARIES = ("-lm",)


def compile_job(source: str, flags: tuple[str, ...] = LINKED) -> Job:
    """The job of gcc on one file: the binary goes to its output, messages go to its errors."""
    libraries = () if "-c" in flags else _LIBRARIES
    arguments = ("/usr/bin/gcc", *flags, "-pipe", f"/tmp/{SOURCE}", *libraries)
    files = wire.dumps({SOURCE: source.encode(errors="replace")})
    return Job("compiler", files, filter="compiler", arguments=arguments, environment=ENVIRONMENT)


def compiling(limits: Limits) -> Limits:
    """The limits of a compiler: several processes, and a whole binary on its output."""
    return replace(
        limits,
        cpu_seconds=10,
        wall_seconds=30.0,
        memory_mib=1024,
        disk_mib=64,
        processes=64,
        output_kib=16 << 10,
    )


def run_job_of(binary: bytes, stdin: str) -> Job:
    """The job that runs a compiled program."""
    return Job(
        "binary",
        binary,
        stdin.encode(),
        filter="program",
        arguments=("program",),
        environment=ENVIRONMENT,
    )
