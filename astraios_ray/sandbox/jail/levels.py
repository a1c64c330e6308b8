"""The levels of isolation, as the steps that confine a process forked from the zygote."""

import os
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from astraios_ray.sandbox.jail import confine, landlock


class Level(Protocol):
    """Steps: ``settle`` once; then for each process ``fork``, and in the child ``enter`` and ``seal``."""

    def settle(self) -> None:
        """Confine the zygote itself, and so all that it forks."""
        ...

    def fork(self) -> int:
        """Fork like os.fork, into the namespaces of the level."""
        ...

    def enter(self, limits: Mapping[str, int]) -> None:
        """Confine the child and all that it forks."""
        ...

    def seal(self, limits: Mapping[str, int], system_calls: confine.Filter) -> None:
        """Confine the process itself, as the last step before untrusted code runs."""
        ...


class Namespaces:
    """Level 3: new namespaces, a private /tmp, no capabilities, limits, a filter of system calls."""

    def __init__(self, walls: Collection[str]) -> None:
        self._walls = walls

    def settle(self) -> None:
        """See Level."""
        confine.renounce_privileges(self._walls)
        confine.detach_mounts(self._walls)

    def fork(self) -> int:
        """See Level."""
        return confine.fork_into_namespaces(self._walls)

    def enter(self, limits: Mapping[str, int]) -> None:
        """See Level."""
        if "session" in self._walls:
            os.setsid()
        confine.mount_private_tmp(self._walls, limits["disk_mib"])
        confine.drop_capabilities(self._walls)

    def seal(self, limits: Mapping[str, int], system_calls: confine.Filter) -> None:
        """See Level."""
        confine.limit_resources(self._walls, limits)
        if "system calls" in self._walls:
            confine.filter_system_calls(system_calls)


class SharedMachine:
    """Levels 2 and 1: no namespaces; Landlock, a filter and limits where ``walls`` name them."""

    def __init__(self, readable: Sequence[str], walls: Collection[str]) -> None:
        self._readable = readable
        self._walls = walls

    def settle(self) -> None:
        """See Level."""
        confine.no_new_privileges()

    def fork(self) -> int:
        """See Level."""
        return os.fork()

    def enter(self, limits: Mapping[str, int]) -> None:
        """See Level."""
        os.setsid()
        os.chdir("/")
        confine.die_with_parent()

    def seal(self, limits: Mapping[str, int], system_calls: confine.Filter) -> None:
        """See Level."""
        confine.die_with_parent()
        confine.limit_resources(self._walls, limits)
        landlock.restrict(self._readable, self._walls)
        if "system calls" in self._walls:
            confine.filter_system_calls(system_calls)


def level_of(number: int, readable: Sequence[str], walls: Collection[str]) -> Level:
    """The level with this number. ``walls`` are names of confine.ALL, at level 2 of landlock.WALLS too."""
    return Namespaces(walls) if number == 3 else SharedMachine(readable, walls)
