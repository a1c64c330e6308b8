"""The notebooks of docs/ run from top to bottom, and what they show is free of machines and moments.

To write their outputs anew: ASTRAIOS_RAY_WRITE_NOTEBOOKS=1 pytest tests/docs/test_notebooks.py
"""

import os
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

DOCS = Path(__file__).parents[2] / "docs"
NAMES = ("quick_start", "reading_results")  # in the order in which a reader runs them
NO_OUTPUT = "no-output"  # the tag of a cell whose output differs from run to run
WRITE = "ASTRAIOS_RAY_WRITE_NOTEBOOKS"
FOLDER = r"(?<![\w.])/\w+/\w+"
MOMENT = r"\b\d+(?:\.\d+)? ?(?:s|ms|seconds|minutes)\b|20\d\d-\d\d-\d\d"


def read(name: str) -> Any:
    return nbformat.read(DOCS / f"{name}.ipynb", as_version=4)


def code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def changes(cell: Any) -> bool:
    return NO_OUTPUT in cell.metadata.get("tags", ())


def shown(cell: Any) -> str:
    """The text of a cell's outputs, without the markup of tables."""
    outputs = cell.get("outputs", [])
    return "\n".join(out.get("text") or out.get("data", {}).get("text/plain", "") for out in outputs)


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory, sandbox: object) -> dict[str, Any]:
    """Both notebooks after a run in one empty folder; an exception in a cell is an error here."""
    folder = tmp_path_factory.mktemp("notebooks")
    notebooks = {}
    for name in NAMES:
        notebooks[name] = read(name)
        resources = {"metadata": {"path": str(folder)}}
        NotebookClient(notebooks[name], resources=resources, record_timing=False).execute()
        if os.environ.get(WRITE):
            write(name, deepcopy(notebooks[name]))
    return notebooks


def write(name: str, notebook: Any) -> None:
    notebook.metadata.language_info = {"name": "python"}
    for cell in code_cells(notebook):
        cell.outputs = [] if changes(cell) else cell.outputs
    nbformat.write(notebook, DOCS / f"{name}.ipynb")


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_and_prints_no_warning(name: str, executed: dict[str, Any]) -> None:
    cells = code_cells(executed[name])
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert not [output for cell in cells for output in cell.outputs if output.get("name") == "stderr"]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_cell_shows_what_is_committed_but_for_figures(name: str, executed: dict[str, Any]) -> None:
    """Figures, and which trial is the best, depend on the kind of CPU."""
    for cell, again in zip(code_cells(read(name)), code_cells(executed[name]), strict=True):
        assert changes(cell) or bool(shown(cell)) == bool(shown(again)), cell.source
        kinds = [output.output_type for output in again.outputs]
        assert changes(cell) or [output.output_type for output in cell.outputs] == kinds


@pytest.mark.slow
def test_the_report_is_shown_as_a_page(executed: dict[str, Any]) -> None:
    (cell,) = [cell for cell in code_cells(executed["reading_results"]) if changes(cell)]
    assert cell.outputs[0].data["text/html"].startswith("<iframe srcdoc=")


@pytest.mark.parametrize("name", NAMES)
def test_what_is_committed_names_no_machine_and_no_moment(name: str) -> None:
    notebook = read(name)
    assert notebook.metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        assert set(cell.metadata) <= {"tags"}
        assert not re.findall(f"{FOLDER}|{MOMENT}", shown(cell))
    assert not [cell for cell in code_cells(notebook) if changes(cell) and cell.outputs]


@pytest.mark.parametrize("name", NAMES)
def test_every_page_that_a_notebook_links_exists(name: str) -> None:
    text = "".join(cell.source for cell in read(name).cells if cell.cell_type == "markdown")
    targets = re.findall(r"\]\(([^)]+)\)", text)
    assert targets and all((DOCS / target).exists() for target in targets)
