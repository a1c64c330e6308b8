"""The site of docs/conf.py: every page is in its navigation, and it is built without a warning."""

import ast
import importlib.util
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
CONF = ROOT / "docs" / "conf.py"
GENERATORS = ("furo", "myst_nb", "sphinx")
needs_the_extra = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in GENERATORS),
    reason="the site needs: pip install -c constraints.txt -e '.[docs]'",
)


def setting(name: str) -> Any:
    """What docs/conf.py binds to ``name``, read without Sphinx."""
    (value,) = [
        node.value
        for node in ast.parse(CONF.read_text()).body
        if isinstance(node, ast.Assign)
        and [target.id for target in node.targets if isinstance(target, ast.Name)] == [name]
    ]
    return ast.literal_eval(value)


def test_every_page_is_in_the_navigation_once() -> None:
    pages = [
        *ROOT.glob("*.md"),
        *ROOT.glob("[!.]*/README.md"),
        *(page for page in (ROOT / "docs").rglob("*") if page.suffix in (".md", ".ipynb", ".rst")),
    ]
    navigation = [page for section in setting("NAVIGATION").values() for page in section]
    assert Counter([setting("HOME"), *navigation]) == Counter(
        str(page.relative_to(ROOT).with_suffix("")) for page in pages
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site, made as ``make docs`` makes it."""
    folder = tmp_path_factory.mktemp("site")
    (arguments,) = re.findall(
        r"/sphinx-build (.*) build/docs$", (ROOT / "Makefile").read_text(), re.MULTILINE
    )
    assert "-W" in arguments.split()  # a link that leads nowhere is a warning, and so an error
    command = [sys.executable, "-m", "sphinx", *arguments.split(), str(folder)]
    build = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert (build.returncode, build.stderr) == (0, "")
    return folder


@needs_the_extra
def test_the_site_begins_with_the_readme_and_leads_to_every_page(site: Path) -> None:
    index = (site / "index.html").read_text()
    assert index == (site / f"{setting('HOME')}.html").read_text()
    for section, pages in setting("NAVIGATION").items():
        assert section in index
        for page in pages:
            assert (site / f"{page}.html").exists()
            assert f'href="{page}.html"' in index, page


@needs_the_extra
def test_the_interfaces_are_shown_with_their_docstrings(site: Path) -> None:
    page = (site / "docs" / "api.html").read_text()
    assert "All problems, always in the same order, with unique ids." in page
    assert 'id="astraios_ray.methods.method.Method.apply"' in page


@needs_the_extra
def test_a_page_loads_nothing_from_elsewhere(site: Path) -> None:
    index = (site / "index.html").read_text()
    assert 'src="http' not in index and "@import" not in index
    assert not [line for line in index.splitlines() if "<link" in line and 'href="http' in line]
