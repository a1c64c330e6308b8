"""The running jails of one process: lent to one thread at a time, kept warm, replaced when used up."""

import atexit
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from astraios_ray.sandbox.warm_jail import WarmJail


class JailPool:
    """Starts a jail when none is idle, so there are never more than there are threads at work."""

    def __init__(self) -> None:
        self._idle: list[WarmJail] = []
        self._lock = threading.Lock()
        atexit.register(self.close)
        os.register_at_fork(after_in_child=self._forget)

    @contextmanager
    def jail(self, checks_per_jail: int) -> Iterator[WarmJail]:
        """Lend a jail. It is ended, not kept, after any exception: what broke is never used again."""
        jail = self._take()
        try:
            yield jail
        except BaseException:
            jail.close()
            raise
        if jail.checks >= checks_per_jail:
            jail.close()
        else:
            with self._lock:
                self._idle.append(jail)

    def close(self) -> None:
        """End the idle jails."""
        with self._lock:
            idle, self._idle = self._idle, []
        for jail in idle:
            jail.close()

    def _take(self) -> WarmJail:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return WarmJail()

    def _forget(self) -> None:
        """In a fork: the jails are the parent's. A lock may have been held by a thread that is not here."""
        self._lock = threading.Lock()
        self._idle = []
