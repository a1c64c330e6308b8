"""README.md is one page with one picture."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
PICTURES = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)


def test_it_is_one_page() -> None:
    assert len(README.splitlines()) <= 100


def test_it_has_one_picture_that_loads_quickly() -> None:
    (picture,) = PICTURES
    assert (ROOT / picture).read_bytes().startswith(b"\x89PNG")
    assert (ROOT / picture).stat().st_size < 200 * 1024


def test_every_page_of_the_documentation_is_one_or_two_links_away() -> None:
    near = {"README.md", *_links(Path("README.md"))}
    pages = {str(page.relative_to(ROOT)) for page in (ROOT / "docs").glob("*.md")}
    assert pages <= near | {link for page in near for link in _links(Path(page))}


def _links(page: Path) -> set[str]:
    """The Markdown pages that a page links, as paths from the root."""
    targets = re.findall(r"\]\(([^)#:]+\.md)[^)]*\)", (ROOT / page).read_text())
    return {str((ROOT / page.parent / target).resolve().relative_to(ROOT)) for target in targets}
