"""Nobody asks a method for its name, and no method knows another. Both follow the registry."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from astraios_ray.methods import METHODS, peft_type

PACKAGE = Path(__file__).parents[2] / "astraios_ray"
NAMES = set(METHODS) | peft_type.CONFIGS.keys() | {"peft", "peft:"}
OTHER_MEANINGS = {  # file -> texts that are a method's name and mean something else there
    "cli/main.py": {"peft"},  # a package
    "config/study.py": {"full"},  # a training set
    "data/masking.py": {"full"},
    "records/specs.py": {"full"},
    "report/analysis/out_of_distribution.py": {"full"},
    "report/analysis/peft_results.py": {"full", "peft:", "peft"},  # how peft's files call their runs
    "studies/doctor.py": {"peft"},
    "studies/model_card.py": {"peft"},  # who loads an export
    "studies/provenance.py": {"peft"},
    "tasks/yes_no.py": {"full"},  # all rows, no sample of them
    "training/from_scratch.py": {"full"},  # the method that it builds
}


def texts(path: Path) -> set[str]:
    """The constants of a file that are no docstrings."""
    tree = ast.parse(path.read_text())
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    constants = (node for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {node.value for node in constants if isinstance(node.value, str) and id(node) not in docstrings}


def test_a_methods_name_stands_only_in_the_methods() -> None:
    rooms = [path for path in PACKAGE.rglob("*.py") if path.parent.name != "methods"]
    named = {str(path.relative_to(PACKAGE)): texts(path) & NAMES for path in rooms}
    assert {file: names for file, names in named.items() if names} == OTHER_MEANINGS, (
        "Ask spec.traits or build(...).traits instead of a name. Where the text means something else, "
        "enter it in OTHER_MEANINGS."
    )


def fixed(side: ast.expr) -> bool:
    """Whether a side of a comparison is a text, texts in a row, or a constant of a module."""
    if isinstance(side, ast.Tuple | ast.List | ast.Set):
        return any(fixed(part) for part in side.elts)
    is_text = isinstance(side, ast.Constant) and isinstance(side.value, str)
    return is_text or (isinstance(side, ast.Name) and side.id.isupper())


def compared_methods(path: Path) -> Iterator[str]:
    """The comparisons of something's ``method`` with a fixed text."""
    for node in ast.walk(ast.parse(path.read_text())):
        sides = [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
        names = {side.attr if isinstance(side, ast.Attribute) else getattr(side, "id", "") for side in sides}
        if "method" in names and any(map(fixed, sides)):
            yield f"{path.name}: {ast.unparse(node)}"


def test_no_record_is_asked_for_the_name_of_its_method() -> None:
    rooms = (path for path in PACKAGE.rglob("*.py") if path.parent.name != "methods")
    assert not [comparison for path in rooms for comparison in compared_methods(path)]


def imports(path: Path) -> set[str]:
    """The modules and names that a file imports, each with its module."""
    nodes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
    return {str(node.module) for node in nodes} | {
        f"{n.module}.{name.name}" for n in nodes for name in n.names
    }


def test_no_method_knows_another() -> None:
    modules = {METHODS[name].__module__ for name in METHODS} | {peft_type.__name__}
    files = {module: Path(str(sys.modules[module].__file__)) for module in modules}
    others = {module: imports(file) & modules for module, file in files.items()}
    assert not {module: names for module, names in others.items() if names}, (
        "Put what two methods share into a file of methods/ that registers none."
    )
