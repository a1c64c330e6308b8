"""A pool of warm jails and hosts of one process; it lends each to one thread at a time."""

import atexit
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from astraios_ray.sandbox.policy import Policy
from astraios_ray.sandbox.roots import Root


class Warm(Protocol):
    """A jail or host that takes long to start. ``uses`` counts its uses."""

    root: Root
    policy: Policy
    uses: int

    def __init__(self, root: Root, policy: Policy) -> None:
        """Start the processes."""

    def alive(self) -> bool:
        """Whether the processes still run, as far as can be seen from outside."""
        ...

    def close(self) -> None:
        """End the processes."""


AnyWarm = TypeVar("AnyWarm", bound=Warm)


class WarmPool:
    """Starts one when none is idle, so there are never more than threads at work."""

    def __init__(self) -> None:
        self._idle: list[Warm] = []
        self._lock = threading.Lock()
        atexit.register(self.close)
        os.register_at_fork(after_in_child=self._forget)

    @contextmanager
    def lend(self, kind: type[AnyWarm], root: Root, policy: Policy, uses: int) -> Iterator[AnyWarm]:
        """Lend one with this root and policy. It is ended after ``uses`` uses and after any exception."""
        warm = self._take(kind, root, policy)
        try:
            yield warm
        except BaseException:
            warm.close()
            raise
        if warm.uses >= uses:
            warm.close()
        else:
            with self._lock:
                self._idle.append(warm)

    def close(self) -> None:
        """End all idle ones."""
        with self._lock:
            idle, self._idle = self._idle, []
        for warm in idle:
            warm.close()

    def _take(self, kind: type[AnyWarm], root: Root, policy: Policy) -> AnyWarm:
        while (warm := self._idle_one(kind, root, policy)) is not None:
            if warm.alive():
                return warm
            warm.close()
        return kind(root, policy)

    def _idle_one(self, kind: type[AnyWarm], root: Root, policy: Policy) -> AnyWarm | None:
        with self._lock:
            for number, warm in enumerate(self._idle):
                if isinstance(warm, kind) and (warm.root, warm.policy) == (root, policy):
                    del self._idle[number]
                    return warm
        return None

    def _forget(self) -> None:
        """Drop all in a fork: they belong to the parent, and a thread of it can hold the old lock."""
        self._lock = threading.Lock()
        self._idle = []


WARM = WarmPool()  # of this process
