"""What each event becomes in MLflow."""

from pathlib import Path

import pytest

from astraios_ray.records import Score, TrialState
from astraios_ray.tracking.in_memory_tracker import MemoryTracker
from astraios_ray.tracking.translation import NOTE_LENGTH, update_of
from astraios_ray.tracking.updates import Measure, Status, Update, merge
from tests.tracking import story


def last_update(tracker: MemoryTracker) -> Update:
    return update_of(tracker.events[-1])


def fixed_clock() -> float:
    return 5.0


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (TrialState.COMPLETE, "FINISHED"),
        (TrialState.STOPPED, "KILLED"),
        (TrialState.DIVERGED, "FAILED"),
        (TrialState.FAILED, "FAILED"),
    ],
)
def test_an_ending_has_its_word_in_mlflow(state: TrialState, word: str) -> None:
    tracker = MemoryTracker(fixed_clock)
    tracker.trial_ended(story.result(story.spec(0), state))
    assert last_update(tracker).status == Status(word, 5000)
    assert last_update(tracker).tags["astraios.state"] == state.value


def test_a_point_is_measured_at_its_step_and_at_the_time_when_it_was_told() -> None:
    tracker = MemoryTracker(fixed_clock)
    tracker.point(story.spec(0), story.point(10, 2.5))
    assert last_update(tracker).metrics == (
        Measure("val/loss", 2.5, 5000, 10),
        Measure("train/loss", 3.0, 5000, 10),
    )


def test_points_that_were_never_told_are_kept_when_the_trial_ends() -> None:
    tracker = MemoryTracker()
    tracker.trial_ended(story.result(story.spec(0), TrialState.COMPLETE, [10, 20]))
    assert [event.kind for event in tracker.events] == ["trial_started", "point", "point", "trial_ended"]


def test_the_optimiser_is_not_uploaded_with_the_adapter(tmp_path: Path) -> None:
    for name in (
        "adapter_config.json",
        "adapter_model.safetensors",
        "optimiser.safetensors",
        "manifest.json",
    ):
        (tmp_path / name).touch()
    tracker = MemoryTracker()
    tracker.scored(story.result(story.spec(0), TrialState.COMPLETE, [20], tmp_path), story.SCORE)
    assert sorted(Path(path).name for path in last_update(tracker).files) == [
        "adapter_config.json",
        "adapter_model.safetensors",
    ]


def test_an_adapter_in_a_folder_of_its_own_is_uploaded_whole(tmp_path: Path) -> None:
    (tmp_path / "adapter").mkdir()
    tracker = MemoryTracker()
    tracker.scored(story.result(story.spec(0), TrialState.COMPLETE, [20], tmp_path), story.SCORE)
    assert last_update(tracker).files == {str(tmp_path / "adapter"): "adapter"}


def test_a_whole_model_is_not_copied_to_the_tracking_server(tmp_path: Path) -> None:
    (tmp_path / "adapter").mkdir()
    tracker = MemoryTracker()
    tracker.scored(story.result(story.spec(0, "full"), TrialState.COMPLETE, [20], tmp_path), story.SCORE)
    assert not last_update(tracker).files


def test_a_score_brings_its_interval_and_what_was_not_judged() -> None:
    tracker = MemoryTracker()
    score = Score("primer", {"pass_at_1": 0.5}, {"pass_at_1": (0.4, 0.6)}, unscored=2)
    tracker.scored(story.result(story.spec(0), TrialState.COMPLETE, [20]), score)
    assert {measure.key: measure.value for measure in last_update(tracker).metrics} == {
        "eval/primer/pass_at_1": 0.5,
        "eval/primer/pass_at_1_low": 0.4,
        "eval/primer/pass_at_1_high": 0.6,
        "eval/primer/unscored": 2.0,
        "eval/primer/unsupported": 0.0,
        "eval/primer/score": 0.5,
    }


def test_a_note_too_long_for_mlflow_is_cut_and_says_so() -> None:
    tracker = MemoryTracker()
    tracker.study_ended("x" * 20_000, [], complete=True)
    note = last_update(tracker).tags["mlflow.note.content"]
    assert len(note) < 8000
    assert note.startswith("x" * NOTE_LENGTH)
    assert "report/" in note


def test_a_study_that_was_interrupted_reads_as_killed() -> None:
    tracker = MemoryTracker(fixed_clock)
    tracker.study_ended("", [], complete=False)
    assert last_update(tracker).status == Status("KILLED", 5000)


def test_of_merged_updates_the_later_one_wins_and_all_measures_stay() -> None:
    one = Update("name", 1, (Measure("a", 1.0, 1, 1),), tags={"tag": "old"}, status=Status("RUNNING", 1))
    two = Update(metrics=(Measure("a", 2.0, 2, 2),), tags={"tag": "new"}, status=Status("KILLED", 2))
    update = merge([one, two])
    assert update.name == "name"
    assert update.tags == {"tag": "new"}
    assert update.status == Status("KILLED", 2)
    assert [measure.value for measure in update.metrics] == [1.0, 2.0]
