"""The method and the evaluator that docs/ shows how to write."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def block(page: str, language: str, holds: str) -> str:
    """The one code block of a page in ``language`` that holds a text."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```", (DOCS / page).read_text(), re.MULTILINE | re.DOTALL)
    (block,) = [block for block in blocks if holds in block]
    return str(block)


METHOD = block("adding-a-method.md", "python", "METHODS.add")
SEARCH_SPACE = block("adding-a-method.md", "yaml", "deviation")
ENTRY_POINTS = block("adding-a-method.md", "toml", "entry-points")
EVALUATOR = block("adding-an-evaluator.md", "python", "evaluator = ")
