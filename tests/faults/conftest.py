"""A study of nine tiny trials, and what a search of it ends with when nothing disturbs it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.short_folder import short_folder
from tests.faults.search_end import SearchEnd, search_end
from tests.faults.small_studies import NINE_TRIALS, write_study
from tests.faults.warm_search import begin_search


@pytest.fixture(scope="session")
def small_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study's file; a search puts its run folder below the working directory."""
    return write_study(tmp_path_factory.mktemp("study"), NINE_TRIALS)


@pytest.fixture
def temporary() -> Iterator[Path]:
    """TMPDIR of a search."""
    with short_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def undisturbed(small_study: Path, tmp_path_factory: pytest.TempPathFactory) -> SearchEnd:
    """The end of a local search that nothing disturbed."""
    folder = tmp_path_factory.mktemp("undisturbed")
    process = begin_search([str(small_study), "--backend", "local", "--quiet"], folder, folder)
    process.join()
    assert process.exitcode == 0, (folder / "log").read_text()
    return search_end(folder / "runs" / NINE_TRIALS["name"])
