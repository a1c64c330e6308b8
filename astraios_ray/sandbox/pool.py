"""What one process keeps warm: lent to one thread at a time, replaced when used up."""

import atexit
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from astraios_ray.sandbox.policy import Policy
from astraios_ray.sandbox.roots import Root


class Warm(Protocol):
    """Something that took long to start. ``uses`` counts what it was used for."""

    root: Root
    policy: Policy
    uses: int

    def __init__(self, root: Root, policy: Policy) -> None:
        """Start it."""

    def close(self) -> None:
        """End it."""


Kept = TypeVar("Kept", bound=Warm)


class WarmPool:
    """Starts one when none is idle, so there are never more than there are threads at work."""

    def __init__(self) -> None:
        self._idle: list[Warm] = []
        self._lock = threading.Lock()
        atexit.register(self.close)
        os.register_at_fork(after_in_child=self._forget)

    @contextmanager
    def lend(self, kind: type[Kept], root: Root, policy: Policy, uses: int) -> Iterator[Kept]:
        """Lend one that shows ``root`` behind these walls. It is ended after ``uses`` and any exception."""
        kept = self._take(kind, root, policy)
        try:
            yield kept
        except BaseException:
            kept.close()
            raise
        if kept.uses >= uses:
            kept.close()
        else:
            with self._lock:
                self._idle.append(kept)

    def close(self) -> None:
        """End those that are idle."""
        with self._lock:
            idle, self._idle = self._idle, []
        for kept in idle:
            kept.close()

    def _take(self, kind: type[Kept], root: Root, policy: Policy) -> Kept:
        with self._lock:
            for number, kept in enumerate(self._idle):
                if isinstance(kept, kind) and (kept.root, kept.policy) == (root, policy):
                    del self._idle[number]
                    return kept
        return kind(root, policy)

    def _forget(self) -> None:
        """In a fork: they are the parent's. A lock may have been held by a thread that is not here."""
        self._lock = threading.Lock()
        self._idle = []


WARM = WarmPool()  # of this process
