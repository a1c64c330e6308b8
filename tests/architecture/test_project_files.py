"""The files that an open project has; each says what is so."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]


def test_the_licence_is_apaches_and_the_package_says_so() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert text.split()[:4] == ["Apache", "License", "Version", "2.0,"]
    assert "END OF TERMS AND CONDITIONS" in text and len(text.splitlines()) > 190
    assert (PROJECT["license"], PROJECT["license-files"]) == ("Apache-2.0", ["LICENSE"])
    # a licence expression and a classifier of a licence exclude each other (PEP 639)
    assert not [each for each in PROJECT["classifiers"] if each.startswith("License")]


def test_the_package_says_that_it_is_typed() -> None:
    assert (ROOT / "astraios_ray" / "py.typed").read_text() == ""
    assert "astraios_ray" in PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert "Typing :: Typed" in PROJECT["classifiers"]
