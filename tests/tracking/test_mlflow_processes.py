"""The MLflow tracker in separate processes: what it imports and when, and what a kill leaves."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from astraios_ray.tracking.files_tracker import ALL
from astraios_ray.tracking.mlflow_tracker import MlflowTracker
from astraios_ray.tracking.spool import Spool
from tests.tracking import story
from tests.tracking.sessions import RUNS, acknowledged

ROOT = Path(__file__).parents[2]
IMPORTING = """
import sys, threading
from pathlib import Path
from astraios_ray.tracking.mlflow_tracker import MlflowTracker
from tests.tracking import story

class Gate:  # an import of MLflow begins, and goes on when it is opened, or after 60 seconds
    begun, opened = threading.Event(), threading.Event()
    def find_spec(self, name, path=None, target=None):
        if name == "mlflow":
            self.begun.set()
            self.opened.wait(60)

sys.meta_path.insert(0, Gate())
tracker = MlflowTracker(Path(sys.argv[1]))
tracker.study_started("toy", story.CONFIG, story.PROVENANCE)
tracker.trial_started(story.spec(0), 1)
assert Gate.begun.wait(60), "nobody imports MLflow"
for step in range(1, 501):
    tracker.point(story.spec(0), story.point(step))
assert not {"mlflow", "sqlalchemy"} & set(sys.modules)
Gate.opened.set()
tracker.close(timeout=250)
print(tracker.backlog.events, len(story.read_mlflow(tracker.uri)["t0000"]["metrics"]["val/loss"]))
"""
TELLING = """
import sys, time
from pathlib import Path
from astraios_ray.tracking.mlflow_tracker import MlflowTracker
from tests.tracking.test_mlflow_processes import tell_points
tracker = MlflowTracker(Path(sys.argv[1]), linger=0.0)
tell_points(tracker, 100000, pause=0.01)
"""


def tell_points(tracker: MlflowTracker, steps: int, pause: float) -> None:
    """Three trials side by side; ``pause`` seconds after each step."""
    tracker.study_started("toy", story.CONFIG, story.PROVENANCE)
    for step in range(1, steps + 1):
        for number in range(3):
            if step == 1:
                tracker.trial_started(story.spec(number), 1)
            tracker.point(story.spec(number), story.point(step))
        time.sleep(pause)


@pytest.mark.slow
def test_no_call_waits_for_mlflow_to_be_imported_or_its_database_to_be_made(tmp_path: Path) -> None:
    process = subprocess.run(
        [sys.executable, "-W", "error", "-c", IMPORTING, str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=300,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    assert process.stderr == ""  # neither MLflow nor alembic prints anything
    assert process.stdout.split() == ["0", "500"]


def test_the_other_trackers_do_not_import_mlflow() -> None:
    program = """
import sys
import astraios_ray.tracking.tracker, astraios_ray.tracking.files_tracker
import astraios_ray.tracking.in_memory_tracker
import astraios_ray.tracking.mlflow_tracker
assert "mlflow" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)


@pytest.mark.slow
def test_a_search_that_is_killed_while_it_sends_ends_with_each_event_once(tmp_path: Path) -> None:
    story.place_database(tmp_path)
    child = subprocess.Popen([sys.executable, "-c", TELLING, str(tmp_path)], cwd=ROOT)
    until = time.monotonic() + 300
    while acknowledged(tmp_path) == 0:
        assert child.poll() is None
        assert time.monotonic() < until
        time.sleep(0.01)
    time.sleep(0.3)
    child.kill()
    child.wait()
    tracker = MlflowTracker(tmp_path, linger=0.0)
    tell_points(tracker, 20, pause=0.0)  # the next session repeats steps of the first
    tracker.close(timeout=250)
    read = story.read_mlflow(tracker.uri)
    spooled = story.read_events(event for _, event in Spool(tmp_path / "spool").read(0, ALL)[0])
    assert sorted(read) == RUNS
    for trial in RUNS[1:]:
        assert read[trial]["metrics"] == spooled[trial]["metrics"]
        steps = [step for step, _ in read[trial]["metrics"]["val/loss"]]
        assert steps == list(range(1, len(steps) + 1))
