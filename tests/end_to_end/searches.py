"""Starts searches as a user does, in separate processes."""

import json
import os
import subprocess
import sys
from pathlib import Path

from astraios_ray.records import TrainReport, decode
from astraios_ray.search.journal import read_journal

ROOT = Path(__file__).parents[2]
WAIT = 600.0  # seconds that any step may take


def search(study: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "astraios_ray", "search", str(study), *options]


def train_reports(run: Path) -> list[TrainReport]:
    records = list(read_journal(run / "journal.jsonl"))
    return [
        decode(TrainReport, record["train_report"]) for record in records if record["kind"] == "train_report"
    ]


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
