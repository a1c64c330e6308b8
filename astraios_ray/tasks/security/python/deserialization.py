"""CWE-502: objects made from untrusted data."""

import ast

from astraios_ray.tasks.security.finding import Finding
from astraios_ray.tasks.security.python.python_reading import argument, calls, finding_at, last_name
from astraios_ray.tasks.security.rules import PYTHON_RULES

_LOAD = ("yaml.load", "yaml.load_all")
_ALWAYS = (
    *("yaml.unsafe_load", "yaml.unsafe_load_all", "yaml.full_load", "yaml.full_load_all"),
    *("pickle.load", "pickle.loads", "cPickle.load", "cPickle.loads", "dill.load", "dill.loads"),
    *("marshal.load", "marshal.loads", "shelve.open", "jsonpickle.decode", "eval", "exec"),
)
_SAFE = ("SafeLoader", "CSafeLoader", "BaseLoader", "CBaseLoader")


@PYTHON_RULES.add("UnsafeDeserialization")
def unsafe_deserialization(tree: ast.Module) -> list[Finding]:
    """``yaml.load`` without a safe loader, pickle and similar modules, eval and exec."""
    return [
        finding_at(call, f"{name} makes any object")
        for call, name in calls(tree)
        if name in _ALWAYS or (name in _LOAD and last_name(argument(call, 1, "Loader")) not in _SAFE)
    ]
