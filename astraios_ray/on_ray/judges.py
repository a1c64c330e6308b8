"""Which nodes may run programs, and whether their sandbox works."""

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
    """``work`` as a remote task that takes one sandbox of a node and no CPU. Ray never repeats it."""
    return ray.remote(work).options(
        num_cpus=0, resources={SANDBOX: 1}, scheduling_strategy="SPREAD", max_retries=0
    )


class Judges:
    """The sandbox of a cluster, and its description by a node that uses it."""

    def __init__(self, sandbox: Sandbox, *, everywhere: bool, patience: float = PATIENCE) -> None:
        """``everywhere``: programs are judged on this machine, where the caller has checked the sandbox.

        Otherwise it is checked on a node that judges. Raises SandboxUnavailable when that fails, or when no
        such node starts within ``patience`` seconds.
        """
        self.sandbox = sandbox
        self.description = sandbox.describe() if everywhere else _check_on_node(sandbox, patience)


def _check_on_node(sandbox: Sandbox, patience: float) -> Mapping[str, Value]:
    promise = in_a_sandbox(_check).remote(sandbox)
    try:
        description: Mapping[str, Value] = ray.get(promise, timeout=patience)
    except GetTimeoutError:
        ray.cancel(promise)
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
