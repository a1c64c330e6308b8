"""Functions and classes of the standard library that a test passes to a program: they cross by name.

A program runs its own. Were it to call the test's, a function as ``getattr`` would lead it to anything there.
"""

import sys
from importlib import import_module
from typing import Any

from astraios_ray.sandbox.jail.wire import Parts


def parts(value: Any) -> Parts | None:
    """The module and the name of a function or class of the standard library; None for any other value."""
    module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
    if not callable(value) or not isinstance(module, str) or not isinstance(name, str):
        return None
    if module.partition(".")[0] not in sys.stdlib_module_names or module not in sys.modules:
        return None
    return ("library", (module, name), False) if build(module, name) is value else None


def build(module: str, name: str) -> Any:
    """What the module has under this name; None where it has nothing."""
    value: Any = import_module(module)
    for part in name.split("."):
        value = getattr(value, part, None)
    return value
