"""The Python API: light to import, typed, and all that the command line calls."""

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import astraios_ray as ar
from astraios_ray.cli.main import COMMANDS

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "astraios_ray"
HEAVY = {"torch", "ray", "transformers", "peft", "mlflow", "optuna", "numpy", "pydantic", "click", "rich"}
MOST = 0.05  # CPU-seconds of an import
WITHOUT_FUNCTION = {"completion": "prints a script of click, for shells"}
WRITERS = ("cli", "displays")  # rooms that write to a terminal
MEASURED = """
import sys, time
before, start = set(sys.modules), time.process_time()
import astraios_ray
print(time.process_time() - start, *(set(sys.modules) - before))
"""


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imported() -> tuple[float, set[str]]:
    """The CPU-seconds of ``import astraios_ray`` in a fresh interpreter, and the modules that it loads."""
    process = subprocess.run(
        [sys.executable, "-c", MEASURED], capture_output=True, text=True, check=True, cwd=ROOT
    )
    seconds, *modules = process.stdout.split()
    return float(seconds), set(modules)


def test_importing_the_package_is_quick_and_loads_nothing_heavy() -> None:
    imports = [imported() for _ in range(3)]
    assert min(seconds for seconds, _ in imports) <= MOST
    assert not HEAVY & imports[0][1]
    assert {name for name in imports[0][1] if name.startswith("astraios_ray.")} == {"astraios_ray.errors"}


def test_type_checkers_see_the_names_that_are_loaded() -> None:
    (block,) = [node for node in tree(PACKAGE / "__init__.py").body if isinstance(node, ast.If)]
    typed = {
        alias.name: str(node.module).removeprefix("astraios_ray.")
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert typed == ar.HOMES


@pytest.mark.parametrize("name", sorted(ar.HOMES))
def test_a_name_of_the_api_is_what_its_module_has_and_is_described(name: str) -> None:
    home = importlib.import_module(f"astraios_ray.{ar.HOMES[name]}")
    assert getattr(ar, name) is getattr(home, name)
    assert getattr(ar, name).__module__ == home.__name__ and getattr(ar, name).__doc__
    assert name in dir(ar) and name in ar.__all__


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'serach'"):
        getattr(ar, "serach")  # noqa: B009  (a type checker refuses ar.serach)


def test_search_stays_the_function_when_the_room_of_that_name_is_imported() -> None:
    room = importlib.import_module("astraios_ray.search.progress")
    assert room.Progress and callable(ar.search)
    assert ar.search.__module__ == "astraios_ray.studies.search"


def called(command: str) -> set[str]:
    """The functions of the API that the file of a command calls."""
    module = COMMANDS[command][0].partition(":")[0]
    path = ROOT / f"{module.replace('.', '/')}.py"
    return {
        node.func.attr
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "ar"
    }


@pytest.mark.parametrize("command", list(COMMANDS))
def test_every_command_calls_the_api(command: str) -> None:
    assert called(command) <= set(ar.HOMES)
    assert bool(called(command)) != (command in WITHOUT_FUNCTION)


def test_what_a_command_does_bears_its_name_or_says_what_it_lists_or_writes() -> None:
    for command in set(COMMANDS) - set(WITHOUT_FUNCTION):
        names = {command, f"list_{command}", f"write_{command}"}
        assert names & called(command), command


def test_a_function_that_no_command_calls_is_for_programs_alone() -> None:
    functions = {name for name in ar.HOMES if name[0].islower()}
    assert functions - {name for command in COMMANDS for name in called(command)} == {"load_exported"}


def writes(path: Path) -> Iterator[str]:
    """Imports of click, and calls that write to a terminal."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module]
            yield from (str(module) for module in modules if str(module).partition(".")[0] == "click")
        elif isinstance(node, ast.Call):
            words = ast.unparse(node.func)
            yield from [words] if words in ("print", "sys.stdout.write", "sys.stderr.write") else []


def test_nothing_below_the_command_line_prints_or_knows_click() -> None:
    rooms = {path.relative_to(PACKAGE): set(writes(path)) for path in PACKAGE.rglob("*.py")}
    assert any("click" in found for path, found in rooms.items() if path.parts[0] == "cli")
    below = {path: found for path, found in rooms.items() if path.parts[0] not in WRITERS and found}
    assert below == {Path("sandbox/jail/program.py"): {"sys.stderr.write"}}  # what runs in a jail may write
