"""Plug-ins: methods and evaluators of other distributions, which name them as entry points.

The groups are ``astraios_ray.methods`` and ``astraios_ray.evaluators``. A plug-in is imported when its name
is asked for, so a broken one harms nothing else.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, distributions
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from astraios_ray.errors import BrokenPlugIn

T = TypeVar("T")
LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class PlugInState:
    """One plug-in as ``doctor`` shows it. ``problem`` is empty where it can be used."""

    name: str
    source: str
    problem: str


class PlugIns(Generic[T]):
    """The plug-ins of one kind, ``method`` or ``evaluator``, that no built-in member hides."""

    def __init__(
        self, kind: str, flaw: Callable[[str, object], str], is_builtin: Callable[[str], bool]
    ) -> None:
        """``flaw`` says why the object that bears a name is none of the kind; empty where it is one."""
        self._kind, self._flaw, self._is_builtin = kind, flaw, is_builtin

    def __iter__(self) -> Iterator[str]:
        return (name for name in sorted(_entries(self._kind)) if not self._is_builtin(name))

    def __contains__(self, name: object) -> bool:
        return name in set(self)

    def load(self, name: str) -> T:
        """The object of the plug-in ``name``. Raises BrokenPlugIn."""
        return cast(T, _load(self._kind, name, self._flaw))

    def working(self) -> list[str]:
        """The names that can be used; of each other one, a warning says why not."""
        problems = {name: self._problem(name) for name in self}
        for problem in filter(None, problems.values()):
            LOG.warning(problem)
        return [name for name, problem in problems.items() if not problem]

    def states(self) -> Iterator[PlugInState]:
        """Every plug-in, loaded if that is possible."""
        for name, entries in sorted(_entries(self._kind).items()):
            hidden = f"{_sources(entries)} is not used: astraios-ray has its own {self._kind} of this name"
            problem = hidden if self._is_builtin(name) else self._problem(name)
            yield PlugInState(name, _sources(entries), problem)

    def _problem(self, name: str) -> str:
        try:
            self.load(name)
        except BrokenPlugIn as error:
            return str(error)
        return ""


def plug_in_source(kind: str, name: str) -> str:
    """The distribution and the object behind a plug-in's name; empty where there is none.

    Raises BrokenPlugIn where the object cannot be imported.
    """
    if name not in _entries(kind):
        return ""
    _load(kind, name)
    return _sources(_entries(kind)[name])


def plug_in_file(kind: str, name: str) -> Path | None:
    """The file of the module of a plug-in; None for an unknown name. Raises BrokenPlugIn.

    Imports the packages around the module, but not the module.
    """
    if name not in _entries(kind):
        return None
    entry = _entry(kind, name)
    with _blaming(kind, name):
        spec = find_spec(entry.module)
    if spec is None or spec.origin is None:
        raise _broken(kind, name, f"ModuleNotFoundError: No module named {entry.module!r}")
    return Path(spec.origin)


def _load(kind: str, name: str, flaw: Callable[[str, object], str] = lambda *_: "") -> object:
    entry = _entry(kind, name)
    with _blaming(kind, name):
        loaded = entry.load()
        problem = flaw(name, loaded)
    if problem:
        raise _broken(kind, name, problem)
    return loaded


@contextmanager
def _blaming(kind: str, name: str) -> Iterator[None]:
    """Inside, an exception of any kind is the plug-in's fault."""
    try:
        yield
    except (Exception, SystemExit) as error:
        raise _broken(kind, name, f"{type(error).__name__}: {error}") from error


def _entry(kind: str, name: str) -> EntryPoint:
    entries = _entries(kind)[name]
    if len(entries) > 1:
        raise _broken(kind, name, "several distributions use this name")
    if not name.isidentifier():
        raise _broken(kind, name, "a name has letters, digits and _ alone")
    return entries[0]


@cache
def _entries(kind: str) -> dict[str, list[EntryPoint]]:
    """The entry points of a kind by name. A distribution that is found twice counts once, as for pip."""
    by_name: dict[str, list[EntryPoint]] = {}
    for distribution in distributions():
        try:
            entries = distribution.entry_points.select(group=f"astraios_ray.{kind}s")
        except Exception as error:  # of any kind: its file is not in the format
            place = distribution.locate_file("")
            LOG.warning("A distribution in %s has entry points that cannot be read: %r", place, error)
            continue
        for entry in entries:
            others = by_name.setdefault(entry.name, [])
            if _source(entry) not in map(_source, others):
                others.append(entry)
    return by_name


def _broken(kind: str, name: str, problem: str) -> BrokenPlugIn:
    source = _sources(_entries(kind)[name])
    return BrokenPlugIn(
        f"{kind} {name!r} comes with the plug-in {source}, which cannot be used: {problem}. Repair or "
        "uninstall it."
    )


def _sources(entries: Iterable[EntryPoint]) -> str:
    return " and ".join(map(_source, entries))


def _source(entry: EntryPoint) -> str:
    distribution: Any = entry.dist  # the stubs know it from Python 3.10 on as optional
    try:
        return f"{distribution.name} {distribution.version} ({entry.value})"
    except Exception:  # of any kind: its METADATA is missing or damaged
        return f"a distribution without metadata in {distribution.locate_file('')} ({entry.value})"
