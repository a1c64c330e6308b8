"""The documentation as a site, by Sphinx: ``make docs``. The pages stay where GitHub shows them.

The root of the sources is the root of the project, so a relative link leads to the same page in both.
"""

import logging
import os
import shutil
import tomllib
from itertools import chain
from pathlib import Path

from pygments.lexers import JsonLexer
from sphinx.application import Sphinx

from astraios_ray.importing import EAGER

ROOT = Path(__file__).parents[1]
HOME = "README"
NAVIGATION = {  # a caption, and its pages in order: a path without its suffix, .md, .ipynb or .rst
    "Use": [
        "docs/running",
        "docs/commands",
        "docs/python",
        "docs/quick_start",
        "docs/reading_results",
        "docs/study-file",
        "docs/data",
        "search_spaces/README",
        "docs/report",
        "docs/astraios",
        "docs/fairness",
        "docs/leaderboard",
        "docs/mlflow",
        "mlflow/README",
        "docs/cluster",
    ],
    "Judge and score": [
        "docs/judging",
        "docs/scoring",
        "docs/code-benchmarks",
        "docs/bigcodebench-multipl-e",
        "docs/text-evaluators",
        "docs/robustness",
        "docs/security",
        "docs/out-of-distribution",
        "docs/sandbox",
    ],
    "Understand": [
        "docs/limits",
        "docs/faults",
        "docs/how-it-runs",
        "docs/methods",
        "docs/models",
        "docs/glossary",
        "docs/reading-the-code",
        "benchmarks/README",
        "docs/notes/designs-weighed",
    ],
    "Extend": [
        "docs/adding-a-method",
        "docs/adding-an-evaluator",
        "evaluators/README",
        "docs/api",
    ],
    "Project": ["CONTRIBUTING", "SECURITY", "CHANGELOG"],
}

project = "astraios-ray"
version = release = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
extensions = ["myst_nb", "sphinx.ext.autodoc"]
root_doc = HOME
include_patterns = [f"{page}.*" for page in (HOME, *chain.from_iterable(NAVIGATION.values()))]
exclude_patterns = [".*", "build", "runs", "tests"]  # large folders without pages
html_theme = "furo"
html_title = "astraios-ray"
html_copy_source = False
html_show_copyright = False
html_static_path = ["_static"]
html_css_files = ["site.css"]
myst_heading_anchors = 4  # GitHub's names
nb_execution_mode = "off"  # the tests run notebooks; the site shows the outputs that they hold
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
add_module_names = False
os.environ.update(EAGER)  # autodoc imports torch
logging.getLogger("bitsandbytes").setLevel(logging.ERROR)  # it misses a kernel that nothing here calls


def setup(app: Sphinx) -> None:
    """What Sphinx calls first."""
    app.add_lexer("jsonl", JsonLexer)
    app.connect("source-read", add_navigation)
    app.connect("build-finished", copy_home_to_index)


def add_navigation(app: Sphinx, page: str, content: list[str]) -> None:
    """GitHub's front page needs no table of contents; the site's has one that only the side bar shows."""
    if page == HOME:
        content[0] += "".join(map(_toctree, NAVIGATION, NAVIGATION.values()))


def _toctree(caption: str, pages: list[str]) -> str:
    return "\n".join(["", "```{toctree}", ":hidden:", f":caption: {caption}", "", *pages, "```", ""])


def copy_home_to_index(app: Sphinx, error: Exception | None) -> None:
    """Web servers and readers look for ``index.html``."""
    if error is None:
        shutil.copyfile(app.outdir / f"{HOME}.html", app.outdir / "index.html")
