"""A copy of this environment's numpy alone, which the user of a jail can read."""

import platform
import shutil
from functools import partial
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from astraios_ray.sandbox.interpreter import Interpreter
from astraios_ray.sandbox.machine_folder import made_once, run

_LEFT_OUT = {"tests", "__pycache__"}


def numpy_problem(interpreter: Interpreter) -> str:
    """Why programs that ``interpreter`` runs cannot use it, and what to do; empty where they can."""
    make = f"`{interpreter.executable} -m venv FOLDER` and `FOLDER/bin/pip install numpy`"
    remedy = f"give the folder of a virtual environment with numpy ({make})"
    here = platform.python_version()
    if not here.startswith(f"{interpreter.minor}."):
        return f"here it is for Python {here}, and programs are run by {interpreter.version}; {remedy}."
    try:
        has_files = bool(distribution("numpy").files)
    except PackageNotFoundError:
        return f"it is not installed here; `pip install numpy`, or {remedy}."
    return "" if has_files else f"its files are not listed in this environment; {remedy}."


def numpy_version() -> str:
    """As a package with its version."""
    return f"numpy=={distribution('numpy').version}"


def numpy_folder(interpreter: Interpreter) -> Path:
    """The folder with the copy, which is made once on a machine."""
    name = f"{numpy_version().replace('==', '-')}-python{interpreter.minor}"
    return made_once(name, partial(_copy, interpreter))


def _copy(interpreter: Interpreter, folder: Path) -> None:
    numpy = distribution("numpy")
    for file in numpy.files or ():
        if file.parts[0] != ".." and _LEFT_OUT.isdisjoint(file.parts):
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(str(numpy.locate_file(file)), folder / file)
    # compiled now, since a jail can write nothing there
    compiling = ("-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash")
    run([interpreter.executable, "-I", *compiling, str(folder)])
