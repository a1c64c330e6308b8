"""A process of Ray is killed in the middle of a search: the command goes on by itself to the same end."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from astraios_ray import open_run
from astraios_ray.records import Score, TrialResult
from astraios_ray.search.journal import read_journal
from tests.faults.small_studies import NINE_TRIALS, write_study

ROOT = Path(__file__).parents[2]
WAIT = 400.0  # seconds that a search may take
REPORTS = 4  # of training, before something is killed
STUDY = {
    **NINE_TRIALS,
    "name": "lost",
    "budget": {"trials": 6},
    "evaluate": {"tasks": ["primer"], "top": 1, "samples": 2, "max_new_tokens": 12, "limit": 4},
    "tracking": {"mlflow": False},
}
KILLED = {  # what is killed: how its process is named, and the reason that is shown
    "GCS": ("gcs_server", "Ray's gcs_server ended"),
    "raylet": ("raylet/raylet", "Ray's raylet ended"),
    "dispatcher": ("ray::Dispatcher", "the dispatcher"),
    "search": ("", "SIGKILL ended it"),
}
CASES = {"A process of Ray or the search is killed": len(KILLED), "Ctrl-C twice": 1}

pytestmark = [
    pytest.mark.ray,
    pytest.mark.slow,
    pytest.mark.skipif(
        not os.environ.get("ASTRAIOS_RAY_FAULT_TESTS"),
        reason="takes minutes; ASTRAIOS_RAY_FAULT_TESTS=1 runs it",
    ),
]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_study(tmp_path_factory.mktemp("study"), STUDY)


@pytest.fixture(scope="module")
def undisturbed(study: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    folder = tmp_path_factory.mktemp("undisturbed")
    process = begun(study, folder)
    assert process.wait(WAIT) == 0, (folder / "err").read_text()
    return end_of(folder)


def begun(study: Path, folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "out").open("w") as out, (folder / "err").open("w") as err:
        return subprocess.Popen(
            [
                "env",
                "--default-signal=INT",
                sys.executable,
                "-m",
                "astraios_ray",
                "search",
                str(study),
                "--json",
            ],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
            stdout=out,
            stderr=err,
        )


def in_its_middle(study: Path, folder: Path) -> subprocess.Popen[bytes]:
    """A search that has trained a part."""
    process, until = begun(study, folder), time.monotonic() + WAIT
    while reports(folder) < REPORTS:
        assert process.poll() is None and time.monotonic() < until, (folder / "err").read_text()
        time.sleep(0.02)
    return process


def end_of(folder: Path) -> list[Any]:
    """All that a study found: specs, states, losses, scores; without what its time and place changed."""
    record = open_run(folder / "runs" / "lost").record
    assert record.complete
    scores = [plain(score) for score in record.base_scores]
    return scores + [
        (result.spec, result.state, losses(result), [plain(score) for score in result.scores])
        for result in record.results
    ]


def losses(result: TrialResult) -> list[tuple[int, float, float]]:
    return [(point.step, point.loss, point.train_loss) for point in result.points]


def plain(score: Score) -> Score:
    return replace(score, sandbox={})


def reports(folder: Path) -> int:
    return sum(r["kind"] == "train_report" for r in read_journal(folder / "runs" / "lost" / "journal.jsonl"))


def processes(name: str, command: int) -> Iterator[psutil.Process]:
    """Those below ``command`` whose command line begins with a path or title that ends in ``name``."""
    (search,) = psutil.Process(command).children()
    for process in search.children(recursive=True) if name else [search]:
        if name in " ".join(process.cmdline())[:300].partition(" --")[0]:
            yield process


@pytest.mark.parametrize("case", KILLED)
def test_the_command_goes_on_to_the_end_of_an_undisturbed_search(
    case: str, study: Path, undisturbed: list[Any], tmp_path: Path
) -> None:
    name, reason = KILLED[case]
    process = in_its_middle(study, tmp_path)
    next(processes(name, process.pid)).kill()
    assert process.wait(WAIT) == 0, (tmp_path / "err").read_text()
    assert json.loads((tmp_path / "out").read_text())["complete"] is True
    events = [json.loads(line) for line in (tmp_path / "err").read_text().splitlines()]
    restarts = [event["text"] for event in events if "is started again" in event.get("text", "")]
    assert len(restarts) == 1 and reason in restarts[0]
    assert end_of(tmp_path) == undisturbed


def test_a_second_interrupt_ends_a_search_that_leaves_ray_at_once(study: Path, tmp_path: Path) -> None:
    process = in_its_middle(study, tmp_path)
    for _ in range(2):
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)
    began = time.monotonic()
    assert process.wait(WAIT) == 130
    assert time.monotonic() - began < 2
    assert "Error: Stopped by you" in (tmp_path / "err").read_text()
    assert reports(tmp_path) >= REPORTS  # the journal can be read
