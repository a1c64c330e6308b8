"""The nodes that may run programs: who they are, and whether their sandbox holds."""

from collections.abc import Callable, Mapping
from typing import Any

import ray
from ray.exceptions import GetTimeoutError, RayTaskError

from astraios_ray.errors import AstraiosError, SandboxUnavailable
from astraios_ray.records import Value
from astraios_ray.sandbox.protocol import Sandbox

SANDBOX = "sandbox"  # the custom resource of a node that judges: how many programs at a time
PATIENCE = 1800.0  # seconds; a machine that a cluster starts takes minutes


def in_a_sandbox(work: Callable[..., Any]) -> Any:
    """``work`` as a remote task that holds one sandbox of some node, and no CPU. Ray never repeats it."""
    return ray.remote(work).options(
        num_cpus=0, resources={SANDBOX: 1}, scheduling_strategy="SPREAD", max_retries=0
    )


class Judges:
    """The sandbox of a cluster, and what it says of itself where it is used."""

    def __init__(self, sandbox: Sandbox, *, everywhere: bool, patience: float = PATIENCE) -> None:
        """``everywhere``: this process judges on the same machine, and the sandbox has been checked.

        Else it is checked on a node that judges. Raises SandboxUnavailable when that fails, or when no such
        node comes up within ``patience`` seconds.
        """
        self.sandbox = sandbox
        self.description = sandbox.describe() if everywhere else _checked(sandbox, patience)


def _checked(sandbox: Sandbox, patience: float) -> Mapping[str, Value]:
    told = in_a_sandbox(_check).remote(sandbox)
    try:
        description: Mapping[str, Value] = ray.get(told, timeout=patience)
    except GetTimeoutError:
        ray.cancel(told)
        raise SandboxUnavailable(
            f"No node that may judge programs came up within {patience:g} seconds: start one with "
            "--resources='{\"sandbox\": 8}', or evaluate nothing with evaluate.tasks=[]."
        ) from None
    except RayTaskError as error:
        if isinstance(error.cause, AstraiosError):
            raise error.cause from None
        raise
    return description


def _check(sandbox: Sandbox) -> Mapping[str, Value]:
    sandbox.check()
    return dict(sandbox.describe())
