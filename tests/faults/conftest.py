"""A study of nine tiny trials, and what a search of it ends with when nothing disturbs it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.fakes.backends import write_model, write_rows
from tests.fakes.short_folder import short_folder
from tests.faults.search_end import SearchEnd, search_end
from tests.faults.warm_search import begin_search

NAME = "small"
STUDY = {
    "version": 1,
    "name": NAME,
    "training": {"max_steps": 9, "batch_size": 2, "warmup_steps": 1, "validate_every": 3},
    "budget": {"trials": 9},
    "early_stop": {"rule": "halving", "grace": 3, "reduction": 3},
    "lanes": {"count": 1, "slots": 1},
    "defaults": {"learning_rate": {"min": 3.0e-4, "max": 3.0e-2, "log": True}},
    "methods": {"full": {}, "lora": {"r": [4, 8]}, "ia3": {}},
    "evaluate": {
        "tasks": ["primer", "defect_detection?data=builtin&scoring=likelihood"],
        "top": 1,
        "per_method": 1,
        "samples": 2,
        "max_new_tokens": 12,
        "limit": 4,
    },
}


@pytest.fixture(scope="session")
def small_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study's file; a search puts its run folder below the working directory."""
    folder = tmp_path_factory.mktemp("study")
    model, rows = write_model(folder / "model"), write_rows(folder / "rows.jsonl", rows=100)
    data = {"train": str(rows), "sequence_length": 64, "packing": "rows", "loss_on": "completion"}
    (folder / "small.yaml").write_text(yaml.safe_dump({**STUDY, "model": {"id": str(model)}, "data": data}))
    return folder / "small.yaml"


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
    return search_end(folder / "runs" / NAME)
