"""docs/glossary.md: at most thirty words; the code has what carries them, and the other pages use them."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GLOSSARY = ROOT / "docs" / "glossary.md"
TEXT = GLOSSARY.read_text().replace("\n  ", " ")  # an entry in one line
ROWS = re.findall(r"^\* \*\*([\w ]+)\*\*: (.+) `(\w+)` in `([\w/]+\.py)`\.$", TEXT, re.MULTILINE)
WORDS = [word for word, *_ in ROWS]
PAGES = " ".join(
    page.read_text() for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")] if page != GLOSSARY
).lower()
MOST = 30


def test_the_list_is_read_as_a_whole_and_has_at_most_thirty_words() -> None:
    lines = re.findall(r"^\* ", TEXT, re.MULTILINE)
    assert len(lines) == len(ROWS) == len(set(WORDS)) <= MOST


@pytest.mark.parametrize(("name", "file"), [row[2:] for row in ROWS], ids=WORDS)
def test_what_carries_a_word_is_in_the_file_that_is_named(name: str, file: str) -> None:
    body = ast.parse((ROOT / "astraios_ray" / file).read_text()).body
    definitions = {node.name for node in body if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    aliases = {
        target.id
        for node in body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    assert name in definitions | aliases


@pytest.mark.parametrize(("word", "meaning"), [row[:2] for row in ROWS], ids=WORDS)
def test_a_word_has_one_sentence_and_is_used_on_other_pages(word: str, meaning: str) -> None:
    assert meaning.endswith(".") and ". " not in meaning
    assert re.search(rf"\b{word.lower()}", PAGES)
