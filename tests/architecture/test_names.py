"""Modules and public classes have names of their own, but for rooms that are two sides of one thing."""

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
