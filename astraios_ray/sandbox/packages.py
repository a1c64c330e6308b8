"""The packages that a Python program in a jail can import beside Python's own library."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path

from astraios_ray.errors import ConfigError, SandboxUnavailable
from astraios_ray.sandbox.interpreter import find_interpreter, shared_objects
from astraios_ray.sandbox.numpy_copy import numpy_folder, numpy_problem, numpy_version
from astraios_ray.sandbox.virtual_environment import environment_problem, site_packages, versions

DEFAULT, NUMPY = "default", "numpy"  # any other setting is the folder of a virtual environment


@dataclass(frozen=True)
class PackageFolder:
    """A folder that programs import from, and the shared objects of the machine that it loads."""

    path: str
    shared: tuple[str, ...]


@dataclass(frozen=True)
class Packages:
    """The packages that every machine must have that judges, as a plain value."""

    source: str = ""  # numpy, or the folder of a virtual environment; empty: no packages
    versions: tuple[str, ...] = ()  # as numpy==2.4.6, in order

    def folder(self, as_user: tuple[str, ...]) -> PackageFolder | None:
        """The folder on this machine; None without packages.

        Raises SandboxUnavailable where this machine has other packages than those of this value.
        """
        return _package_folder(self, as_user) if self.source else None

    def lacking(self, modules: Iterable[str], as_user: tuple[str, ...]) -> list[str]:
        """Those modules that a program cannot import, as top-level names, in order."""
        folder = self.folder(as_user)
        path = [folder.path] if folder else []
        others = {name.partition(".")[0] for name in modules}.difference(sys.stdlib_module_names)
        return [name for name in sorted(others) if PathFinder.find_spec(name, path) is None]


NONE = Packages()


def find_packages(setting: str, as_user: tuple[str, ...]) -> Packages:
    """The packages that ``setting`` means on this machine: ``default``, ``numpy`` or a folder.

    ``default`` is numpy where this environment has one that the jail's Python can load. Raises ConfigError,
    which says what is wrong with the setting.
    """
    interpreter = find_interpreter(as_user)
    if setting in (DEFAULT, NUMPY):
        problem = numpy_problem(interpreter)
        if problem and setting == DEFAULT:
            return NONE
        _refuse(setting, problem)
        return Packages(NUMPY, (numpy_version(),))
    folder = Path(setting).expanduser().absolute()
    _refuse(setting, environment_problem(folder, interpreter, as_user))
    return Packages(str(folder), versions(folder, interpreter))


def _refuse(setting: str, problem: str) -> None:
    if problem:
        raise ConfigError(f"`sandbox_python`={setting}: {problem}", arguments=["sandbox_python"])


@cache
def _package_folder(packages: Packages, as_user: tuple[str, ...]) -> PackageFolder:
    here = find_packages(packages.source, as_user)
    if here != packages:
        differing = sorted(set(packages.versions).symmetric_difference(here.versions))
        raise SandboxUnavailable(
            f"`sandbox_python`={packages.source}: this machine has other packages than the one where judging "
            f"began. They differ in {', '.join(differing[:10])}; install the same versions.",
            arguments=["sandbox_python"],
        )
    interpreter = find_interpreter(as_user)
    is_numpy = packages.source == NUMPY
    folder = numpy_folder(interpreter) if is_numpy else site_packages(Path(packages.source), interpreter)
    return PackageFolder(str(folder), _shared(folder))


def _shared(folder: Path) -> tuple[str, ...]:
    """What the packages load from outside of their folder."""
    binaries = sorted(map(str, folder.rglob("*.so")))
    loaded = shared_objects(binaries) if binaries else []
    inside = folder.resolve()
    return tuple(path for path in loaded if not Path(path).resolve().is_relative_to(inside))
