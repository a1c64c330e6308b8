"""The interface by which checks borrow warm jails and hosts."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol, TypeAlias

from astraios_ray.sandbox.pool import AnyWarm
from astraios_ray.sandbox.roots import Root

FindRoot: TypeAlias = Callable[[tuple[str, ...]], Root]  # from the command that becomes the jail's user


class Lend(Protocol):
    """Lends a warm jail or host with the root that a function finds."""

    def __call__(
        self, kind: type[AnyWarm], root: FindRoot, /, warm: tuple[str, ...] = ()
    ) -> AbstractContextManager[AnyWarm]:
        """A context in which the jail or host belongs to the caller; a Python one has imported ``warm``."""
        ...
