"""The contract of every tracker: the same calls lead to the same readable record."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from astraios_ray.records import TrialState
from astraios_ray.tracking.files_tracker import FilesTracker
from astraios_ray.tracking.in_memory_tracker import MemoryTracker
from astraios_ray.tracking.mlflow_tracker import MlflowTracker
from astraios_ray.tracking.spool import Spool
from astraios_ray.tracking.tracker import Tracker
from tests.tracking import story

Open = Callable[[], Tracker]
Read = Callable[[], dict[str, Any]]
Kind = Callable[[Path], tuple[Open, Read]]


def memory(folder: Path) -> tuple[Open, Read]:
    """One process only: both sessions use the same tracker."""
    tracker = MemoryTracker()
    return lambda: tracker, lambda: story.read_events(tracker.events)


def files(folder: Path) -> tuple[Open, Read]:
    def read() -> dict[str, Any]:
        spool = Spool(folder / "spool")
        spool.close()
        return story.read_events(event for _, event in spool.read(0, 1000)[0])

    return lambda: FilesTracker(folder), read


def mlflow(folder: Path) -> tuple[Open, Read]:
    story.place_database(folder)
    uri = MlflowTracker(folder).uri
    return lambda: MlflowTracker(folder, linger=0.01), lambda: story.read_mlflow(uri)


KINDS: tuple[Kind, ...] = (memory, files, mlflow)


def tell(open_tracker: Open, folder: Path, second_sessions: int = 1) -> None:
    adapter, report = folder / "checkpoint-20", folder / "leaderboard.md"
    adapter.mkdir()
    (adapter / "adapter_config.json").write_text("{}")
    report.write_text("# lora")
    tracker = open_tracker()
    story.tell_first_session(tracker)
    tracker.close()
    for _ in range(second_sessions):
        tracker = open_tracker()
        story.tell_second_session(tracker, adapter, report)
        tracker.close()


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Kind], dict[str, Any]]:
    """What a reader of a tracker finds; each story is written once."""

    @cache
    def story_of(kind: Kind) -> dict[str, Any]:
        folder = tmp_path_factory.mktemp(kind.__name__)
        (folder / "run").mkdir()
        open_tracker, read = kind(folder / "run")
        tell(open_tracker, folder)
        return read()

    return story_of


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_tracker_is_whole_again_when_the_results_are_repeated(
    kind: Kind, tmp_path: Path, stories: Callable[[Kind], dict[str, Any]]
) -> None:
    """A crash lost all calls for a trial but the first; the next session repeats what its journal has."""
    (tmp_path / "run").mkdir()
    open_tracker, read = kind(tmp_path / "run")
    first = open_tracker()
    first.study_started("toy", story.CONFIG, story.PROVENANCE)
    first.trial_started(story.spec(0), 4096)
    first.close()
    adapter = tmp_path / "checkpoint-20"
    adapter.mkdir()
    (adapter / "adapter_config.json").write_text("{}")
    second = open_tracker()
    second.study_started("toy", story.CONFIG, story.PROVENANCE)
    result = story.result(story.spec(0), TrialState.COMPLETE, [10, 20, 30], adapter)
    for _ in range(2):
        second.repeat(replace(result, scores=(story.SCORE,)))
        second.repeat(story.result(story.spec(1, "ia3"), TrialState.PAUSED, [10]))
        second.repeat(story.result(story.spec(3), TrialState.PAUSED))
    second.close()
    repeated, told = read(), stories(kind)
    for part in ("status", "params", "metrics", "artifacts"):
        assert repeated["t0000"][part] == told["t0000"][part]
    assert repeated["t0001"]["metrics"] == {
        name: values for name, values in told["t0001"]["metrics"].items() if not name.startswith("cost/")
    }
    assert "t0003" not in repeated


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def runs(request: pytest.FixtureRequest, stories: Callable[[Kind], dict[str, Any]]) -> dict[str, Any]:
    return stories(request.param)


def test_every_tracker_shows_how_each_trial_ended(runs: dict[str, Any]) -> None:
    assert {name: run["status"] for name, run in runs.items()} == {
        "search": "FINISHED",
        "t0000": "FINISHED",
        "t0001": "KILLED",
        "t0002": "FAILED",
    }


def test_every_tracker_has_each_point_once_though_a_resumed_trial_measured_it_again(
    runs: dict[str, Any],
) -> None:
    losses = runs["t0000"]["metrics"]["val/loss"]
    assert losses == [(10, "2.9"), (20, "2.8"), (30, "2.7")]


def test_every_tracker_keeps_a_loss_that_is_no_number(runs: dict[str, Any]) -> None:
    assert runs["t0002"]["metrics"]["val/loss"] == [(10, "nan")]


def test_every_tracker_has_the_scores_and_the_cost(runs: dict[str, Any]) -> None:
    metrics = runs["t0000"]["metrics"]
    assert metrics["eval/primer/pass_at_1"] == [(30, "0.5")]
    assert metrics["cost/seconds"] == [(30, "12.5")]
    assert metrics["cost/peak_memory_mib"] == [(30, "900.0")]
    assert metrics["model/trainable_params"] == [(0, "4096.0")]


def test_every_tracker_says_what_was_tried(runs: dict[str, Any]) -> None:
    assert runs["t0000"]["name"] == story.spec(0).label
    assert (
        runs["t0000"]["params"].items()
        >= {"method": "lora", "r": "8", "learning_rate": "0.001", "seed": "0"}.items()
    )
    assert runs["t0001"]["tags"]["astraios.stop_reason"] == "rung 10: rank 2 of 2"


def test_every_tracker_keeps_the_verdict_and_the_files(runs: dict[str, Any]) -> None:
    assert runs["search"]["tags"]["mlflow.note.content"] == "**lora** wins"
    assert runs["search"]["artifacts"] == [
        "config/environment.json",
        "config/resolved.yaml",
        "report/leaderboard.md",
    ]
    assert runs["t0000"]["artifacts"] == [
        "adapter/adapter_config.json",
        "eval/primer/score.json",
        "spec.json",
    ]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_session_told_twice_reads_as_if_told_once(kind: Kind, tmp_path: Path) -> None:
    open_tracker, read = kind(tmp_path / "run")
    (tmp_path / "run").mkdir(exist_ok=True)
    tell(open_tracker, tmp_path, second_sessions=2)
    twice = read()
    assert twice["t0000"]["metrics"]["val/loss"] == [(10, "2.9"), (20, "2.8"), (30, "2.7")]
    assert {name: run["status"] for name, run in twice.items()}["t0001"] == "KILLED"
    assert len(twice) == 4


def test_all_trackers_tell_the_same_story(stories: Callable[[Kind], dict[str, Any]]) -> None:
    records = [deepcopy(stories(kind)) for kind in KINDS]
    for record in records:
        assert record["t0000"]["tags"].pop("astraios.checkpoint")  # a path of this tracker's own
    assert records[0] == records[1] == records[2]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_second_goodbye_does_no_harm(kind: Kind, tmp_path: Path) -> None:
    open_tracker, _ = kind(tmp_path / "run")
    tracker = open_tracker()
    tracker.close()
    tracker.close()
