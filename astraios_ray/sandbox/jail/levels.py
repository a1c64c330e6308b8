"""The levels of isolation, as the steps that confine a process forked from the zygote."""

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

from astraios_ray.sandbox.jail import confine, landlock


class Level(Protocol):
    """``settle`` once; for each process ``fork``, and in the child the steps of ``enter`` and ``seal``."""

    def settle(self) -> None:
        """Confine the zygote itself, and so all that it forks."""
        ...

    def fork(self) -> int:
        """Fork like os.fork, into the namespaces of the level."""
        ...

    def enter(self, limits: Mapping[str, int]) -> Iterator[confine.Step]:
        """The steps that confine the child and all that it forks."""
        ...

    def seal(self, limits: Mapping[str, int], system_calls: confine.Filter) -> Iterator[confine.Step]:
        """The steps that confine the process itself, the last before untrusted code runs."""
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

    def enter(self, limits: Mapping[str, int]) -> Iterator[confine.Step]:
        """See Level."""
        if "session" in self._walls:
            yield os.setsid, ()
        yield from confine.private_tmp(self._walls, limits["disk_mib"])
        yield from confine.no_capabilities(self._walls)

    def seal(self, limits: Mapping[str, int], system_calls: confine.Filter) -> Iterator[confine.Step]:
        """See Level."""
        yield from confine.resource_limits(self._walls, limits)
        yield from confine.system_call_filter(self._walls, system_calls)


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

    def enter(self, limits: Mapping[str, int]) -> Iterator[confine.Step]:
        """See Level."""
        yield os.setsid, ()
        yield os.chdir, ("/",)
        yield confine.death_with_parent()

    def seal(self, limits: Mapping[str, int], system_calls: confine.Filter) -> Iterator[confine.Step]:
        """See Level."""
        yield confine.death_with_parent()
        yield from confine.resource_limits(self._walls, limits)
        yield landlock.restrict, (self._readable, self._walls)
        yield from confine.system_call_filter(self._walls, system_calls)


def level_of(number: int, readable: Sequence[str], walls: Collection[str]) -> Level:
    """The level with this number. ``walls`` are names of confine.ALL, at level 2 of landlock.WALLS too."""
    return Namespaces(walls) if number == 3 else SharedMachine(readable, walls)
