"""Modules and public classes have names of their own, and names say what a value is."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "astraios_ray"
TWO_SIDES = (  # rooms in which a module's name may stand twice
    {"cli", "studies"},  # a command, and what it does
    {"cli", "config"},  # a command, and what it prints
    {"report/analysis", "report/sections"},  # figures, and the words about them
    {"report/sections", "report/statistics"},
    {"tasks/security/c", "tasks/security/python"},  # rules of one weakness for two languages
)
PRONOUNS = {  # and participles: they say what was done with a value, not what it is
    *("able", "alike", "alone", "apart", "aside", "asked", "begun", "both", "chosen", "done", "drawn"),
    *("found", "given", "gone", "here", "kept", "known", "left", "made", "mine", "needed", "others"),
    *("own", "said", "seen", "shown", "taken", "theirs", "there", "told", "wanted", "whole", "written"),
}
FEW = 0.01  # of all names that are bound


def modules() -> Iterator[Path]:
    return (path for path in PACKAGE.rglob("*.py") if not path.stem.startswith("__"))


def test_a_modules_name_stands_once_or_in_rooms_that_are_two_sides_of_one_thing() -> None:
    rooms: defaultdict[str, set[str]] = defaultdict(set)
    for path in modules():
        rooms[path.stem].add(str(path.parent.relative_to(PACKAGE)))
    twice = {name: places for name, places in rooms.items() if len(places) > 1}
    assert not {name: places for name, places in twice.items() if places not in TWO_SIDES}
    assert all(sides in twice.values() for sides in TWO_SIDES)


def test_a_public_class_has_a_name_of_its_own() -> None:
    places: defaultdict[str, list[str]] = defaultdict(list)
    for path in modules():
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(str(path.relative_to(PACKAGE)))
    assert not {name: files for name, files in places.items() if len(files) > 1}


def bound_names(path: Path) -> Iterator[str]:
    """The names of variables and parameters."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def test_few_names_are_pronouns_or_participles() -> None:
    names = [name for path in PACKAGE.rglob("*.py") for name in bound_names(path)]
    assert sum(name.lstrip("_") in PRONOUNS for name in names) / len(names) <= FEW


def test_no_docstring_only_repeats_its_name() -> None:
    repeated = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                words = (ast.get_docstring(node) or "").lower().strip(".").split()
                if 0 < len(words) <= 3 and set(words) <= {
                    *node.name.lower().strip("_").split("_"),
                    "a",
                    "the",
                }:
                    repeated.append(f"{path.name}:{node.name}")
    assert not repeated
