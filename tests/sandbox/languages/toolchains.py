"""The programs without which a language's tests are skipped, and marks that skip them."""

import shutil

import pytest

PROGRAMS = {"cpp": "g++", "js": "node", "go": "go", "rust": "rustc"}


def installed(language: str) -> pytest.MarkDecorator:
    """A mark that skips where the language's compiler is missing."""
    program = PROGRAMS[language]
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


EACH = [pytest.param(language, marks=installed(language), id=language) for language in PROGRAMS]
