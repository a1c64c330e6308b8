"""The packages of a virtual environment, where programs of a jail can use them."""

import re
import subprocess
from importlib.metadata import distributions
from pathlib import Path

from astraios_ray.sandbox.interpreter import Interpreter

_VERSION = re.compile(r"^version(?:_info)?\s*=\s*(\d+\.\d+)", re.MULTILINE)  # in pyvenv.cfg
_LIST = "import os, sys; os.listdir(sys.argv[1])"


def site_packages(folder: Path, interpreter: Interpreter) -> Path:
    """The folder that holds the packages."""
    return folder / "lib" / f"python{interpreter.minor}" / "site-packages"


def versions(folder: Path, interpreter: Interpreter) -> tuple[str, ...]:
    """The installed packages with their versions, in order."""
    installed = distributions(path=[str(site_packages(folder, interpreter))])
    return tuple(sorted({f"{item.metadata['Name'].lower()}=={item.version}" for item in installed}))


def environment_problem(folder: Path, interpreter: Interpreter, as_user: tuple[str, ...]) -> str:
    """Why programs that ``interpreter`` runs cannot use the environment, and what to do; empty: they can."""
    settings, packages = folder / "pyvenv.cfg", site_packages(folder, interpreter)
    make = f"make it by `{interpreter.executable} -m venv {folder}`"
    if not folder.is_dir():
        return "there is no such folder; expected default, numpy, or the folder of a virtual environment."
    if not settings.is_file():
        return f"it is no virtual environment, since it holds no pyvenv.cfg; {make}."
    version = _VERSION.search(settings.read_text())
    if version and version[1] != interpreter.minor:
        runs = f"programs are run by Python {interpreter.version}"
        return f"it is for Python {version[1]} (pyvenv.cfg), and {runs} here; {make}."
    if not packages.is_dir():
        return f"it holds no {packages.relative_to(folder)}; {make}."
    if packages.resolve().is_relative_to("/tmp"):
        return "a jail has a /tmp of its own; move the environment to a folder elsewhere."
    if not _readable(packages, interpreter, as_user):
        return f"the user of the jail cannot read it; `chmod -R a+rX {folder}`, and its parents likewise."
    return ""


def _readable(folder: Path, interpreter: Interpreter, as_user: tuple[str, ...]) -> bool:
    command = [*as_user, interpreter.executable, "-I", "-S", "-c", _LIST, str(folder)]
    return subprocess.run(command, capture_output=True, env={}, cwd="/", check=False).returncode == 0
