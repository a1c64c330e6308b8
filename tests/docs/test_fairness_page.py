"""docs/fairness.md shows what ``plan`` says, and lists every warning that there is."""

import ast
import re
from pathlib import Path

import pytest
import yaml

import astraios_ray as ar
from astraios_ray.cli.plan_text import as_text
from astraios_ray.report.analysis.conditions import RECIPE
from astraios_ray.report.render.markdown import bullets
from astraios_ray.report.sections.fairness import fairness_sentences
from tests.fakes.unfair_studies import STUDY, UNFAIR

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "fairness.md").read_text()
FLAT = " ".join(PAGE.replace("\n  ", " ").split())


def names_in_code() -> set[str]:
    """The names that the check gives: literals, and one for each field of the recipe."""
    tree = ast.parse((ROOT / "astraios_ray" / "report" / "analysis" / "fairness.py").read_text())
    places = {"Unfairness": 0, "_unequal": 1}  # of the name among a call's arguments
    names = [
        call.args[places[call.func.id]]
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in places
    ]
    literals = {str(name.value) for name in names if isinstance(name, ast.Constant)}
    return literals | {f"unequal_{field}" for field in RECIPE}


def test_every_warning_is_in_the_table() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)) == names_in_code()


def test_the_quickstart_has_the_table_and_the_sentences_of_the_page() -> None:
    (block,) = re.findall(r"^```text\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert block in as_text(ar.plan("quickstart", {"evaluate.tasks": [], "model.dtype": "fp32"}))


@pytest.fixture(scope="module")
def unfair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("unfair") / "unfair.yaml"
    path.write_text(yaml.safe_dump(STUDY))
    return path


def test_each_fault_of_the_unfair_study_is_named_by_the_plan(unfair: Path) -> None:
    check = ar.plan(unfair).fairness
    assert {warning.name: warning.methods for warning in check.warnings} == {
        **UNFAIR,
        "unequal_base": ("full",),
    }
    warnings = fairness_sentences(check)[: len(check.warnings)]
    assert " ".join(bullets(warnings).split()) in FLAT
