"""The floors of pyproject.toml hold. Here too, so that pytest alone says it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_no_import_runs_back_up() -> None:
    lint = Path(sys.executable).with_name("lint-imports")  # a process of its own: it silences all loggers
    process = subprocess.run([lint], cwd=ROOT, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stdout
