"""The first code in a jail: loads what programs import, so that none pays for it, then serves.

Nothing but os is imported above: modules of the standard library ask to be called after each fork,
``random`` to seed itself anew and ``threading`` to forget other threads. That writes to 150 pages shared with
the zygote and takes a millisecond of each fork, where a whole check takes a few. Here the seed is set,
and the zygote has one thread, so no hook is taken.
"""

import os
from collections.abc import Callable, Sequence
from typing import NoReturn

# What solutions import.
PRELOADED = (
    *("bisect", "collections", "copy", "datetime", "decimal", "fractions", "functools", "hashlib", "heapq"),
    *("itertools", "math", "operator", "random", "re", "statistics", "string", "typing"),
)


def main(number: int, readable: Sequence[str], walls: Sequence[str]) -> NoReturn:
    """Serve requests at this level of isolation until the supervisor is gone."""
    serve = _loaded()
    serve(number, readable, walls)


def _loaded() -> Callable[[int, Sequence[str], Sequence[str]], NoReturn]:
    """Load all there is to load, and return what serves."""
    taken = os.register_at_fork
    os.register_at_fork = _not_taken
    try:
        from importlib import import_module

        for name in PRELOADED:
            import_module(name)
        from astraios_ray.sandbox.jail.zygote import serve
    finally:
        os.register_at_fork = taken
    return serve


def _not_taken(
    *,
    before: Callable[[], object] | None = None,
    after_in_parent: Callable[[], object] | None = None,
    after_in_child: Callable[[], object] | None = None,
) -> None:
    """Takes the place of os.register_at_fork."""
