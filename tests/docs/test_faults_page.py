"""docs/faults.md lists the faults that tests make, each with as many cases as its test has.

A module with such tests has ``CASES``: the name of a fault in the table, and how many the long form makes.
"""

import re
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "faults.md").read_text()
ROW = re.compile(r"^\| (.+?) \| ([\d,]+) \| .+ \| `(\S+)\.py` \|$", re.MULTILINE)
ROWS = {(fault, module): int(cases.replace(",", "")) for fault, cases, module in ROW.findall(PAGE)}


def cases_in(module: str) -> Mapping[str, int]:
    cases: Mapping[str, int] = import_module(module.replace("/", ".")).CASES
    return cases


@pytest.mark.parametrize(("fault", "module"), ROWS)
def test_a_row_has_as_many_cases_as_its_test(fault: str, module: str) -> None:
    assert ROWS[fault, module] == cases_in(module)[fault]


@pytest.mark.parametrize("fault", [fault for fault, _ in ROWS])
def test_what_a_user_sees_of_a_fault_is_said(fault: str) -> None:
    assert f"\n* **{fault}.** " in PAGE


def test_every_line_of_the_table_is_read() -> None:
    lines = [line for line in PAGE.splitlines() if line.startswith("|")]
    assert len(lines) - len(("heading", "rule")) == len(ROWS)


def test_every_test_of_faults_has_its_rows() -> None:
    modules = [f"tests/faults/{path.stem}" for path in (ROOT / "tests" / "faults").glob("test_*.py")]
    assert {(fault, module) for module in modules for fault in cases_in(module)} <= ROWS.keys()
