"""Tells the story of a small study to MLflow trackers on one run folder, session by session."""

import json
from pathlib import Path

from astraios_ray.tracking.mlflow_tracker import MlflowTracker
from tests.tracking import story

RUNS = ["search", "t0000", "t0001", "t0002"]


def tell(folder: Path, uri: str | None = None) -> MlflowTracker:
    """Tell the complete story in two sessions."""
    adapter, report = folder / "checkpoint-20", folder / "leaderboard.md"
    adapter.mkdir(parents=True, exist_ok=True)
    (adapter / "adapter_config.json").write_text("{}")
    report.write_text("# lora")
    first = MlflowTracker(folder, uri, linger=0.01)
    story.tell_first_session(first)
    first.close()
    second = MlflowTracker(folder, uri, linger=0.01)
    story.tell_second_session(second, adapter, report)
    second.close()
    return second


def resend(folder: Path, uri: str | None = None) -> MlflowTracker:
    """Open and close a session without new events."""
    tracker = MlflowTracker(folder, uri, linger=0.01)
    tracker.close()
    return tracker


def forget(folder: Path) -> None:
    """Delete all acknowledgements, as if the process had crashed before it recorded them."""
    for path in (folder / "spool").glob("acknowledged-*.json"):
        path.unlink()


def acknowledged(folder: Path) -> int:
    """The bytes of the spool that are recorded as acknowledged."""
    paths = list((folder / "spool").glob("acknowledged-*.json"))
    return int(json.loads(paths[0].read_text())["offset"]) if paths else 0
