"""The first code in a jail: preload the modules that programs import, then serve.

Only os and sys are imported at the top: modules of the standard library register hooks for each fork,
``random`` to seed itself again and ``threading`` to forget other threads. The hooks write to 150 pages shared
with the zygote and take a millisecond of each fork, when a whole check takes a few. Here the seed is set and
the zygote has one thread, so the hooks are ignored.
"""

import os
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

# Modules that solutions import.
PRELOADED = (
    *("bisect", "collections", "copy", "datetime", "decimal", "fractions", "functools", "hashlib", "heapq"),
    *("itertools", "math", "operator", "random", "re", "statistics", "string", "typing"),
)


def main(
    number: int,
    readable: Sequence[str],
    walls: Sequence[str],
    packages: Sequence[str],
    warm: Sequence[str],
) -> NoReturn:
    """Serve requests at this level of isolation until the supervisor is gone.

    Programs import from the folders ``packages`` too, and ``warm`` modules of them are loaded before.
    """
    sys.path += packages
    serve = _loaded([*PRELOADED, *warm])
    serve(number, readable, walls)


def _loaded(modules: Sequence[str]) -> Callable[[int, Sequence[str], Sequence[str]], NoReturn]:
    """Load all modules, and return the function that serves."""
    register = os.register_at_fork
    os.register_at_fork = _ignore_hooks
    try:
        from importlib import import_module

        for name in modules:
            import_module(name)
        if "numpy.random" in sys.modules:
            sys.modules["numpy.random"].seed(0)  # as that of ``random``: the same verdict in every run
        from astraios_ray.sandbox.jail.zygote import serve
    finally:
        os.register_at_fork = register
    return serve


def _ignore_hooks(
    *,
    before: Callable[[], object] | None = None,
    after_in_parent: Callable[[], object] | None = None,
    after_in_child: Callable[[], object] | None = None,
) -> None:
    """Replace os.register_at_fork and register nothing."""
