"""docs/how-it-runs.md: its floors are those that pyproject.toml enforces, its links lead to its parts."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-it-runs.md").read_text()
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]


def test_the_rooms_stand_on_the_floors_that_are_enforced() -> None:
    (floors,) = (contract["layers"] for contract in CONTRACTS if contract["type"] == "layers")
    enforced = {
        str(number): set(layer.split(" | "))
        for number, layer in enumerate((layer for layer in floors if layer != "__main__"), start=1)
    }
    listed: dict[str, set[str]] = {}
    for number, rooms in re.findall(r"^\| (\d+) \| (`\w+`(?:, `\w+`)*) \|", PAGE, re.MULTILINE):
        listed.setdefault(number, set()).update(re.findall(r"\w+", rooms))
    assert listed == enforced


def test_every_link_within_the_page_leads_to_a_heading() -> None:
    headings = re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    links = re.findall(r"\]\(#([^)]+)\)", PAGE)
    assert links
    assert set(links) <= anchors
