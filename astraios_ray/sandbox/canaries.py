"""Does the sandbox hold? Planted things that a program must not reach, tried through the real path."""

import os
import secrets
import socket
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from astraios_ray.errors import SandboxError
from astraios_ray.records import Outcome
from astraios_ray.sandbox.base import FunctionCheck, Limits, Sandbox

SECRET_NAME = "ASTRAIOS_RAY_CANARY"
_FREE = "free"  # what a probe returns that did what it must not


@dataclass(frozen=True)
class Canary:
    """A program whose ``probe(target)`` returns "free", or the planted secret, when nothing stops it."""

    name: str
    source: str
    target: str  # file | environment | port | new_file | nothing


CANARIES = (
    Canary(
        "read a file of this machine",
        "def probe(target):\n    with open(target) as file:\n        return file.read()\n",
        "file",
    ),
    Canary(
        "see a variable of our environment",
        "import os\ndef probe(target):\n    return os.environ.get(target)\n",
        "environment",
    ),
    Canary(
        "connect to this machine",
        "import socket\ndef probe(target):\n"
        "    socket.create_connection(('127.0.0.1', int(target)), 2).close()\n    return 'free'\n",
        "port",
    ),
    Canary(
        "write outside of its folder",
        "def probe(target):\n    open(target, 'w').close()\n    return 'free'\n",
        "new_file",
    ),
    Canary(
        "start a process",
        "import os\ndef probe(target):\n    child = os.fork()\n    if child == 0:\n        os._exit(0)\n"
        "    os.waitpid(child, 0)\n    return 'free'\n",
        "nothing",
    ),
    Canary(
        "speak to the host of a virtual machine",
        "import socket\ndef probe(target):\n"
        "    socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).close()\n    return 'free'\n",
        "nothing",
    ),
    Canary(
        "trace a process",
        "import ctypes\ndef probe(target):\n"
        "    return 'free' if ctypes.CDLL(None).ptrace(0, 0, 0, 0) == 0 else 'held'\n",
        "nothing",
    ),
    Canary(
        "forge an answer",
        "class Anything(str):\n    def __eq__(self, other):\n        return True\n"
        "    __hash__ = str.__hash__\n"
        "def probe(target):\n    return Anything()\n",
        "nothing",
    ),
)


def breaches(sandbox: Sandbox, canaries: Sequence[Canary] = CANARIES) -> list[str]:
    """Names of the canaries that got through; an empty list is what must be.

    Raises SandboxError when something planted cannot even be reached without the sandbox: then the
    canaries prove nothing. The secret is in this process's environment only while this runs, so a sandbox
    that keeps processes warm must not have any yet.
    """
    with _planted() as (targets, secret):
        _prove_reachable(canaries, targets, secret)
        checks = [_check(canary, targets[canary.target], secret) for canary in canaries]
        ends = sandbox.run_checks(checks, Limits(wall_seconds=20.0))
        written = Path(targets["new_file"]).exists()  # whatever the program said of it
        return [
            canary.name
            for canary, end in zip(canaries, ends, strict=True)
            if end.outcome is Outcome.PASSED or (canary.target == "new_file" and written)
        ]


def _check(canary: Canary, target: str, secret: str) -> FunctionCheck:
    """A check that passes when the canary got through."""
    return FunctionCheck(canary.source, "probe", f"assert probe({target!r}) in ({_FREE!r}, {secret!r})")


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


def _prove_reachable(canaries: Sequence[Canary], targets: dict[str, str], secret: str) -> None:
    """The same probes, run here: what they look for is really there."""
    for canary in canaries:
        if canary.target != "nothing":
            names: dict[str, object] = {}
            exec(canary.source, names)
            probe = names["probe"]
            if not callable(probe) or probe(targets[canary.target]) not in (_FREE, secret):
                raise SandboxError(f"canary {canary.name!r}: its target cannot be reached even outside.")
    Path(targets["new_file"]).unlink(missing_ok=True)
