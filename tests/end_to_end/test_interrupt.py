"""A search that is interrupted or cannot succeed says so in its message and exit code."""

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.end_to_end.searches import WAIT, search, train_reports

SIGNALS = (signal.SIGINT, signal.SIGHUP)
CASES = {"Ctrl-C, or the terminal closes": len(SIGNALS)}  # see docs/faults.md


@pytest.mark.slow
@pytest.mark.parametrize("sign", SIGNALS, ids=lambda sign: sign.name)
def test_an_interrupt_saves_says_how_to_go_on_and_exits_with_130(
    sign: signal.Signals, study: Path, tmp_path: Path
) -> None:
    # a background job ignores SIGINT, and one behind nohup SIGHUP; child processes inherit that
    command = [
        "env",
        "--default-signal=INT",
        "--default-signal=HUP",
        *search(study, "--backend", "local", "--json"),
    ]
    run = tmp_path / "runs" / "tiny"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        while len(train_reports(run)) < 2:
            time.sleep(0.02)
        process.send_signal(sign)
        _, errors = process.communicate(timeout=WAIT)
    assert process.returncode == 130, errors
    assert "the same command goes on" in errors
    assert json.loads((run / "leaderboard.json").read_text())["complete"] is False


@pytest.mark.slow
def test_a_study_in_which_every_trial_breaks_is_a_failure_with_the_reason(
    study: Path, tmp_path: Path
) -> None:
    """At these learning rates every loss is infinite at once."""
    rates = "{learning_rate: {min: 5.0e+2, max: 1.0e+3}}"
    changes = [f"methods={{full: {rates}}}", "budget.trials=2"]
    options = [part for change in changes for part in ("--set", change)]
    command = search(study, "--backend", "local", "--quiet", *options)
    process = subprocess.run(command, capture_output=True, text=True, timeout=WAIT, check=False)
    assert process.returncode == 1, process.stderr
    assert "None of 2 trials can be ranked" in process.stderr
    assert (tmp_path / "runs" / "tiny" / "leaderboard.md").exists()
