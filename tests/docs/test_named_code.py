"""Files and modules that the pages name are there, and words that have been replaced are gone."""

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").rglob("*.md"),
    *(ROOT / room / "README.md" for room in ("benchmarks", "evaluators", "mlflow", "search_spaces")),
]
OLD_VERSION = "0.1.0"  # lines about it have its words
BASES = ("", "astraios_ray", "benchmarks", "evaluators")  # what a path may be relative to
FOREIGN_FILES = {"evaluator.py", "peft/tuners/bottleneck.py"}  # of CodeXGLUE, of LLM-Adapters
OLD_WORDS = (
    r"desks?|leases?|cohorts?|stretch(es)?|parked|rulings?|go-betweens?|exams?|sittings?|voices|choirs?"
)

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def names(page: Path) -> set[str]:
    """What a page has in backticks outside of blocks of code, without what was so in the old version."""
    prose = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    if page.name == "CHANGELOG.md":
        prose = re.sub(r"^\|.*\|(.*)\|$", r"\1", prose.partition(f"## {OLD_VERSION}")[0], flags=re.MULTILINE)
    return set(re.findall(r"`([^`\n]+)`", prose))


@every_page
def test_every_python_file_that_is_named_exists(page: Path) -> None:
    files = {name.partition(":")[0] for name in names(page) if re.fullmatch(r"[\w./]+\.py(:[\w.]+)?", name)}
    missing = {
        file for file in files - FOREIGN_FILES if not any((ROOT / base / file).exists() for base in BASES)
    }
    assert not missing


@every_page
def test_every_module_that_is_named_exists(page: Path) -> None:
    modules = {name for name in names(page) if re.fullmatch(r"(astraios_ray|benchmarks)(\.\w+)+", name)}
    without_classes = {re.sub(r"\.[A-Z]\w*$", "", module) for module in modules}
    assert not {module for module in without_classes if not importlib.util.find_spec(module)}


@every_page
def test_no_page_has_a_word_that_was_replaced(page: Path) -> None:
    text = re.sub(r"<!-- table.*<!-- end of table -->", "", page.read_text(), flags=re.DOTALL)  # of old runs
    paragraphs = text.partition(f"## {OLD_VERSION}")[0].split("\n\n")
    current = [text for text in paragraphs if OLD_VERSION not in text and "| `parked`" not in text]
    assert not [text for text in current if re.search(rf"\b({OLD_WORDS})\b", text, re.IGNORECASE)]
