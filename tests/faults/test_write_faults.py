"""A search in which any one write fails goes on by itself, or ends with a sentence and is gone on with.

`ASTRAIOS_RAY_FAULT_TESTS=1` lets every write fail, other runs a few.
"""

import errno
import json
import os
from pathlib import Path

import pytest

from tests.faults.faulty_search import search_with_fault
from tests.faults.search_end import SearchEnd, search_end
from tests.faults.small_studies import NINE_TRIALS, write_study

LONG = bool(os.environ.get("ASTRAIOS_RAY_FAULT_TESTS"))
WRITES = 270  # of the study's search
EVERY = {errno.ENOSPC: 1, errno.EIO: 4}  # of the writes, in the long form
FAULTS = [(number, code) for code, every in EVERY.items() for number in range(0, WRITES, every)]
CASES = {"A write fails": len(FAULTS)}
STUDY = {
    **NINE_TRIALS,
    "training": {"max_steps": 4, "batch_size": 2, "warmup_steps": 1, "validate_every": 2},
    "budget": {"trials": 3},
    "early_stop": {"rule": "halving", "grace": 2, "reduction": 2},
    "tracking": {"mlflow": False},
    "methods": {"full": {}, "lora": {"r": [4, 8]}},
    "evaluate": {
        "tasks": ["defect_detection?data=builtin&scoring=likelihood"],
        "top": 1,
        "per_method": 1,
        "limit": 4,
    },
}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_study(tmp_path_factory.mktemp("study"), STUDY, rows=40, loss_on="all")


@pytest.fixture(scope="module")
def undisturbed(study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("undisturbed")
    code, words = search_with_fault(study, folder)
    assert code == 0, words
    return folder


def end_of(folder: Path) -> SearchEnd:
    return search_end(folder / "runs" / "small")


def test_the_study_has_as_many_writes_as_the_sweep_takes(undisturbed: Path) -> None:
    calls = json.loads((undisturbed / "calls.json").read_text())
    kinds = {call.partition(" ")[0] for call in calls}
    assert kinds == {
        *("open", "os.open", "file.write", "write", "fsync", "mkdir", "rename", "replace", "safetensors")
    }
    assert len(calls) == WRITES


@pytest.mark.parametrize(("number", "code"), FAULTS if LONG else FAULTS[40::140])
def test_a_write_that_fails_changes_nothing(
    number: int, code: int, study: Path, undisturbed: Path, tmp_path: Path
) -> None:
    exit_code, words = search_with_fault(study, tmp_path, number, code)
    assert len(json.loads((tmp_path / "calls.json").read_text())) > number, "no write failed"
    assert "Traceback" not in words
    assert exit_code in (0, 1), words
    if exit_code:
        assert "Error: " in words and os.strerror(code) in words
        exit_code, words = search_with_fault(study, tmp_path)
        assert exit_code == 0, words
    assert end_of(tmp_path) == end_of(undisturbed)
