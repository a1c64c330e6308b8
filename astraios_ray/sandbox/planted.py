"""Test whether the sandbox holds: plant targets, and see whether a canary reaches one."""

import os
import secrets
import socket
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from astraios_ray.errors import SandboxError
from astraios_ray.records import Outcome
from astraios_ray.sandbox.canaries import MARK, PYTHON, Canary
from astraios_ray.sandbox.protocol import Limits, Sandbox
from astraios_ray.sandbox.unit_test_canaries import FREE

SECRET_NAME = "ASTRAIOS_RAY_CANARY"


def breaches(sandbox: Sandbox, canaries: Sequence[Canary] = PYTHON) -> list[str]:
    """Names of the canaries that got through; the list must be empty.

    Raises SandboxError when a target cannot be reached even without the sandbox, since then the canaries
    prove nothing. The secret is in this process's environment only during this call, so a sandbox that keeps
    processes warm must have none before.
    """
    with _planted() as (targets, secret):
        _prove_reachable(targets, secret)
        checks = [canary.check(targets[canary.target], secret) for canary in canaries]
        ends = sandbox.run_checks(checks, Limits(wall_seconds=30.0))
        has_written = Path(targets["new_file"]).exists()  # whatever the program answered
        alive = _alive()
        return [
            canary.name
            for canary, end in zip(canaries, ends, strict=True)
            if end.outcome is Outcome.PASSED
            or (canary.target == "new_file" and has_written)
            or (canary.name == PYTHON[-1].name and alive)
        ]


def _alive() -> bool:
    return any(child.name() == MARK for child in psutil.Process().children(recursive=True))


@contextmanager
def _planted() -> Iterator[tuple[dict[str, str], str]]:
    """Targets by kind, and the secret that the file and the environment hold."""
    secret = secrets.token_hex(16)
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as listener:
        planted = Path(folder) / "secret"
        planted.write_text(secret)
        planted.chmod(0o644)
        Path(folder).chmod(0o777)
        os.environ[SECRET_NAME] = secret
        try:
            yield (
                {
                    "file": str(planted),
                    "environment": SECRET_NAME,
                    "port": str(listener.getsockname()[1]),
                    "new_file": str(Path(folder) / "new"),
                    "nothing": "",
                },
                secret,
            )
        finally:
            del os.environ[SECRET_NAME]


def _prove_reachable(targets: Mapping[str, str], secret: str) -> None:
    """Run Python's probes here, to see that their targets exist."""
    for canary in PYTHON:
        if canary.target != "nothing":
            names: dict[str, object] = {}
            exec(canary.source, names)
            probe = names["probe"]
            if not callable(probe) or probe(targets[canary.target]) not in (FREE, secret):
                raise SandboxError(f"canary {canary.name!r}: its target cannot be reached even outside.")
    Path(targets["new_file"]).unlink(missing_ok=True)
