"""Starts searches as a user does, in separate processes; kills and resumes them."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from astraios_ray.config.read_study import load_study
from astraios_ray.records import TrainReport, decode
from astraios_ray.search.folder import StudyFolder
from astraios_ray.search.journal import read_journal
from astraios_ray.search.local_backend import LocalBackend
from tests.fakes.backends import conduct

ROOT = Path(__file__).parents[2]
WAIT = 600.0  # seconds that any step may take


def search(study: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "astraios_ray", "search", str(study), *options]


def train_reports(run: Path) -> list[TrainReport]:
    records = list(read_journal(run / "journal.jsonl"))
    return [
        decode(TrainReport, record["train_report"]) for record in records if record["kind"] == "train_report"
    ]


def kill_after(command: list[str], run: Path, count: int) -> None:
    """Start the search, and kill -9 it once its journal has ``count`` train reports."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        until = time.monotonic() + WAIT
        while len(train_reports(run)) < count:
            assert process.poll() is None, process.stderr and process.stderr.read().decode()
            assert time.monotonic() < until, "the search came to nothing"
            time.sleep(0.02)
        os.kill(process.pid, signal.SIGKILL)


def run_to_end(command: list[str]) -> dict[str, object]:
    process = subprocess.run(command, capture_output=True, text=True, timeout=WAIT, check=False)
    assert process.returncode == 0, process.stderr
    board: dict[str, object] = json.loads(process.stdout)
    return board


def run(*words: str, folder: Path) -> str:
    """Run a command of this checkout in ``folder``; returns its output."""
    process = subprocess.run(
        [sys.executable, "-m", "astraios_ray", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=WAIT,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    return process.stdout


def kill_and_go_on(study: Path, backend: str, tmp_path: Path) -> None:
    """Kill a search in its middle, repeat its command, and compare with an uninterrupted study."""
    run, command = tmp_path / "runs" / "tiny", search(study, "--backend", backend, "--json")
    kill_after(command, run, 17)
    board = run_to_end(command)
    assert board["complete"] is True
    served = [(train_report.trial, train_report.points[-1].step) for train_report in train_reports(run)]
    assert len(served) == len(set(served)), "a train_report was trained twice"
    uncut = StudyFolder(tmp_path / "whole")
    conduct(load_study(study, ()), uncut, LocalBackend(uncut.trials, slots=1, sandbox=None))
    losses = {(s.trial, p.step): p.loss for s in train_reports(uncut.place) for p in s.points}
    again = {(s.trial, p.step): p.loss for s in train_reports(run) for p in s.points}
    assert again == pytest.approx(losses, abs=1e-6)
