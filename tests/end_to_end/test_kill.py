"""A search that is killed without warning goes on with the same command and ends with the same study."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from astraios_ray.records import Stretch, decode
from astraios_ray.search.journal import read_journal
from tests.fakes.backends import tiny_study, write_model, write_rows

WAIT = 240.0  # seconds at most for anything to happen


def search(study: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "astraios_ray", "search", str(study), *options]


@pytest.fixture
def study(tmp_path: Path) -> Path:
    config = tiny_study(write_model(tmp_path / "model"), write_rows(tmp_path / "rows.jsonl"))
    path = tmp_path / "tiny.yaml"
    settings = {"output": str(tmp_path / "runs"), "tracking": {"mlflow": False}}
    path.write_text(yaml.safe_dump({**config.resolved(), **settings}))
    return path


def stretches(run: Path) -> list[Stretch]:
    records = list(read_journal(run / "journal.jsonl"))
    return [decode(Stretch, record["stretch"]) for record in records if record["kind"] == "stretch"]


def kill_after(command: list[str], run: Path, count: int) -> None:
    """Start the search, and kill -9 it once its journal has ``count`` stretches."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        until = time.monotonic() + WAIT
        while len(stretches(run)) < count:
            assert process.poll() is None, process.stderr and process.stderr.read().decode()
            assert time.monotonic() < until, "the search came to nothing"
            time.sleep(0.02)
        os.kill(process.pid, signal.SIGKILL)


def run_to_end(command: list[str]) -> dict[str, object]:
    done = subprocess.run(command, capture_output=True, text=True, timeout=WAIT, check=False)
    assert done.returncode == 0, done.stderr
    board: dict[str, object] = json.loads(done.stdout)
    return board


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["local", pytest.param("ray", marks=pytest.mark.ray)])
def test_a_killed_search_repeats_nothing_that_was_finished(backend: str, study: Path, tmp_path: Path) -> None:
    run, whole = tmp_path / "runs" / "tiny", tmp_path / "whole"
    options = ("--backend", backend, "--json")
    kill_after(search(study, *options), run, 17)
    board = run_to_end(search(study, *options))
    run_to_end(search(study, "--set", f"output={whole}", "--backend", "local", "--json"))
    served = [(stretch.trial, stretch.points[-1].step) for stretch in stretches(run)]
    assert len(served) == len(set(served)), "a stretch was trained twice"
    reference = stretches(whole / "tiny")
    losses = {(s.trial, p.step): p.loss for s in reference for p in s.points}
    again = {(s.trial, p.step): p.loss for s in stretches(run) for p in s.points}
    assert again == pytest.approx(losses, abs=1e-6)
    assert board["complete"] is True


@pytest.mark.slow
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM], ids=lambda sign: sign.name)
def test_an_interrupt_saves_says_how_to_go_on_and_exits_with_130(
    sign: signal.Signals, study: Path, tmp_path: Path
) -> None:
    # in a job of the background SIGINT is ignored, and what it starts inherits that
    command = ["env", "--default-signal=INT", *search(study, "--backend", "local", "--json")]
    run = tmp_path / "runs" / "tiny"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        while len(stretches(run)) < 2:
            time.sleep(0.02)
        process.send_signal(sign)
        _, said = process.communicate(timeout=WAIT)
    assert process.returncode == 130, said
    assert "the same command goes on" in said
    assert json.loads((run / "leaderboard.json").read_text())["complete"] is False


@pytest.mark.slow
def test_a_study_in_which_every_trial_breaks_is_a_failure_with_the_reason(
    study: Path, tmp_path: Path
) -> None:
    """Learning rates at which every loss is infinite at once."""
    rates = "{learning_rate: {min: 1.0e+30, max: 1.0e+31}}"
    changes = [f"methods={{full: {rates}}}", "budget.trials=2"]
    options = [part for change in changes for part in ("--set", change)]
    command = search(study, "--backend", "local", "--quiet", *options)
    done = subprocess.run(command, capture_output=True, text=True, timeout=WAIT, check=False)
    assert done.returncode == 1, done.stderr
    assert "None of 2 trials can be ranked" in done.stderr
    assert (tmp_path / "runs" / "tiny" / "leaderboard.md").exists()
