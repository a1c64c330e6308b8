"""Complete studies, from the first trial to the last score, on a backend whose losses are formulas."""

import errno
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from astraios_ray.config.study import StudyConfig
from astraios_ray.errors import LaneLost
from astraios_ray.records import EvalTask, ModelRef, Provenance, Score, StudyRecord, TrialState
from astraios_ray.search.folder import StudyFolder
from astraios_ray.search.journal import read_journal
from astraios_ray.search.progress import Progress
from astraios_ray.search.trial_board import TrialBoard
from astraios_ray.search.tuner import Tuner
from astraios_ray.space.space import Space
from astraios_ray.tracking.files_tracker import FilesTracker
from astraios_ray.tracking.in_memory_tracker import MemoryTracker
from astraios_ray.tracking.spool import Spool
from tests.fakes.studies import SPACE, study, trained

PROVENANCE = Provenance({"torch": "2.13.0"}, "3.11", "a test")
EVALUATE = {"tasks": ["primer"], "top": 2, "per_method": 1, "audited": False}


class FormulaBackend:
    """Trains by formula and scores by trial number; can break off after a number of train or eval tasks."""

    def __init__(self, train_tasks: int = 10_000, eval_tasks: int = 10_000) -> None:
        self._train_tasks_left, self._eval_tasks_left = train_tasks, eval_tasks
        self.trained: list[str] = []
        self.examined: list[tuple[str, str]] = []

    @property
    def lanes(self) -> int:
        return 1

    @property
    def stopped_lanes(self) -> Mapping[str, float]:
        return {"lane-1": 77.7}

    @property
    def links(self) -> Mapping[str, str]:
        return {}

    def train(self, board: TrialBoard, tick: Callable[[], None]) -> None:
        while not board.done:
            train_task = board.ask(board.ready()[0])
            if len(self.trained) == self._train_tasks_left:
                raise LaneLost("the last lane ended: a test")
            self.trained.append(f"{train_task.spec.id} to {train_task.until}")
            board.tell(trained(train_task))
            tick()

    def examine(self, eval_tasks: Sequence[EvalTask]) -> Iterator[tuple[EvalTask, Score]]:
        for eval_task in eval_tasks:
            if len(self.examined) == self._eval_tasks_left:
                raise KeyboardInterrupt
            self.examined.append((eval_task.spec.id if eval_task.checkpoint else "base", eval_task.evaluator))
            passed = 1 / (2 + eval_task.spec.number) if eval_task.checkpoint else 0.1
            yield (
                eval_task,
                Score(Path(eval_task.evaluator).stem, {"pass_at_1": passed}, problems=3, samples=2),
            )

    def dismiss(self) -> None:
        """Do nothing: there are no workers."""

    def close(self) -> None:
        """Do nothing: there is nothing to free."""


class Session:
    """One session of a study in a folder."""

    def __init__(
        self,
        place: Path,
        tracker: MemoryTracker | FilesTracker | None = None,
        space: Space = SPACE,
        front: Sequence[str] = (),
        **sections: Any,
    ) -> None:
        self.progresses: list[Progress] = []
        self.tracker = tracker or MemoryTracker()
        self.study: StudyConfig = study(**{"evaluate": EVALUATE, **sections})
        self.tuner = Tuner(
            self.study,
            space,
            folder=StudyFolder(place),
            tracker=self.tracker,
            show=self.progresses.append,
            provenance=PROVENANCE,
            front=front,
        )

    def run(self, backend: FormulaBackend | None = None) -> StudyRecord:
        try:
            self.tuner.run(backend or FormulaBackend())
            return self.tuner.record()
        finally:
            self.tuner.close()


def trials_of(session: Session, kind: str) -> list[str]:
    assert isinstance(session.tracker, MemoryTracker)
    return [event.trial for event in session.tracker.events if event.kind == kind]


def test_a_study_runs_to_its_end(tmp_path: Path) -> None:
    session = Session(tmp_path)
    record = session.run()
    assert record.complete
    assert len(record.results) == 8
    assert all(result.state.ended for result in record.results)
    assert (record.name, record.provenance, record.folder) == ("small", PROVENANCE, str(tmp_path))
    assert record.config == session.study.resolved()
    assert record.seconds > 0


def test_the_finalists_and_the_base_are_scored_once(tmp_path: Path) -> None:
    backend = FormulaBackend()
    record = Session(tmp_path).run(backend)
    scored = [result.spec.id for result in record.results if result.scores]
    assert backend.examined[0] == ("base", "primer")
    assert sorted(backend.examined[1:]) == [(trial, "primer") for trial in scored]
    assert {r.spec.method for r in record.results if r.scores} == {"lora", "ia3"}
    assert [score.metrics["pass_at_1"] for score in record.base_scores] == [0.1]


def test_every_task_is_asked_of_every_finalist(tmp_path: Path) -> None:
    backend = FormulaBackend()
    record = Session(tmp_path, evaluate={**EVALUATE, "tasks": ["primer", "./mine/harder.py"]}).run(backend)
    for result in record.results:
        assert [score.evaluator for score in result.scores] in ([], ["primer", "harder"])
    assert [score.evaluator for score in record.base_scores] == ["primer", "harder"]
    assert record.complete


def test_a_study_that_is_done_does_nothing_again(tmp_path: Path) -> None:
    tasks = {**EVALUATE, "tasks": ["primer", "./mine/harder.py"]}
    first = Session(tmp_path, evaluate=tasks).run()
    backend = FormulaBackend()
    second = Session(tmp_path, evaluate=tasks).run(backend)
    assert (backend.trained, backend.examined) == ([], [])
    assert (second.results, second.base_scores) == (first.results, first.base_scores)
    assert second.complete


@pytest.mark.parametrize("train_tasks", [0, 1, 7, 9])
def test_broken_off_while_training_it_trains_only_what_is_left(train_tasks: int, tmp_path: Path) -> None:
    uncut = FormulaBackend()
    undisturbed = Session(tmp_path / "whole").run(uncut)
    first, second = FormulaBackend(train_tasks=train_tasks), FormulaBackend()
    with pytest.raises(LaneLost):
        Session(tmp_path / "cut").run(first)
    record = Session(tmp_path / "cut").run(second)
    assert first.trained + second.trained == uncut.trained
    assert record.results == undisturbed.results


@pytest.mark.parametrize("eval_tasks", [0, 1, 2])
def test_broken_off_while_evaluating_it_scores_only_what_is_left(eval_tasks: int, tmp_path: Path) -> None:
    uncut = FormulaBackend()
    undisturbed = Session(tmp_path / "whole").run(uncut)
    first, second = FormulaBackend(eval_tasks=eval_tasks), FormulaBackend()
    cut = Session(tmp_path / "cut")
    with pytest.raises(KeyboardInterrupt):
        cut.run(first)
    assert not cut.tuner.record().complete
    record = Session(tmp_path / "cut").run(second)
    assert first.examined + second.examined == uncut.examined
    assert (second.trained, record.results) == ([], undisturbed.results)
    assert record.complete


def test_the_tracker_hears_of_everything_once_over_all_sessions(tmp_path: Path) -> None:
    tracker = MemoryTracker()
    with pytest.raises(LaneLost):
        Session(tmp_path, tracker).run(FormulaBackend(train_tasks=5))
    with pytest.raises(KeyboardInterrupt):
        Session(tmp_path, tracker).run(FormulaBackend(eval_tasks=2))
    last = Session(tmp_path, tracker)
    record = last.run()
    assert sorted(trials_of(last, "trial_ended")) == [result.spec.id for result in record.results]
    assert sorted(trials_of(last, "scored")) == [result.spec.id for result in record.results if result.scores]
    assert len(trials_of(last, "point")) == sum(len(result.points) for result in record.results)


@pytest.mark.parametrize("damage", ["half", "garbage", "gone"])
def test_a_damaged_spool_is_whole_again_after_the_next_session(damage: str, tmp_path: Path) -> None:
    tracker = FilesTracker(tmp_path)
    record = Session(tmp_path, tracker).run()
    tracker.close()
    told, spool = told_in(tmp_path), tmp_path / "spool" / "events.jsonl"
    match damage:
        case "half":
            spool.write_bytes(spool.read_bytes()[: spool.stat().st_size // 2])
        case "garbage":
            spool.write_bytes(b"x" + spool.read_bytes()[1:])
        case "gone":
            spool.unlink()
    tracker = FilesTracker(tmp_path)
    assert Session(tmp_path, tracker).run().results == record.results
    tracker.close()
    assert told_in(tmp_path) == told


def told_in(place: Path) -> set[tuple[str, str, str]]:
    """What a run folder's events say of trials: kind, trial, values. Without their pauses."""
    events = [event for _, event in Spool(place / "spool").read(0, 10_000)[0]]
    told = [(e.kind, e.trial, json.dumps(e.body, sort_keys=True)) for e in events if e.trial]
    assert len(told) == len(set(told))
    return {line for line in told if line[0] != "trial_resumed"}


def test_without_evaluation_a_study_is_complete_when_its_trials_are(tmp_path: Path) -> None:
    backend = FormulaBackend()
    record = Session(tmp_path, evaluate={"tasks": ["primer"], "which": "none"}).run(backend)
    assert (backend.examined, record.base_scores, record.complete) == ([], (), True)


def test_the_status_can_be_read_by_others_at_any_time(tmp_path: Path) -> None:
    class Reader(FormulaBackend):
        def examine(self, eval_tasks: Sequence[EvalTask]) -> Iterator[tuple[EvalTask, Score]]:
            status = json.loads((tmp_path / "status.json").read_text())
            assert (status["phase"], status["scored"], status["to_score"]) == ("evaluate", 0, len(eval_tasks))
            return super().examine(eval_tasks)

    Session(tmp_path).run(Reader())
    status = json.loads((tmp_path / "status.json").read_text())
    assert status["phase"] == "report"
    assert status["planned"] == sum(status["ended"].values()) == 8


def test_a_status_that_cannot_be_written_stops_no_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(StudyFolder, "write_status", refuse)
    assert Session(tmp_path).run().complete
    (line,) = caplog.messages
    assert "The progress cannot be written for others to read" in line


def test_the_display_sees_the_study_go_on(tmp_path: Path) -> None:
    session = Session(tmp_path)
    record = session.run()
    search = [progress for progress in session.progresses if progress.phase == "search"]
    assert search[0].rung == "step 1: 1/6"
    assert search[0].stopped_lanes == "lane 1: no step for 75 s"
    assert [s.scored for s in session.progresses if s.phase == "evaluate"] == [0, 1, 2, 3]
    assert session.progresses[-1].phase == "report"
    best = min((r for r in record.results if r.last), key=lambda r: r.last.loss if r.last else 9.0)
    assert session.progresses[-1].best.startswith(best.spec.label)


def test_the_time_left_is_told_from_what_this_session_has_done(tmp_path: Path) -> None:
    with pytest.raises(LaneLost):
        Session(tmp_path).run(FormulaBackend(train_tasks=5))
    session = Session(tmp_path)
    assert session.tuner.progress("search").eta_seconds is None  # nothing is done yet that could tell
    session.run()
    etas = [s.eta_seconds for s in session.progresses if s.phase == "search"]
    assert etas[0] is not None and etas[0] >= 0
    assert etas[-1] is not None and etas[-1] <= session.tuner.seconds


def test_seconds_add_up_over_sessions(tmp_path: Path) -> None:
    with pytest.raises(LaneLost):
        Session(tmp_path).run(FormulaBackend(train_tasks=2))
    (before,) = [r["seconds"] for r in read_journal(tmp_path / "journal.jsonl") if r["kind"] == "closed"]
    assert Session(tmp_path).tuner.seconds >= before > 0


def test_the_time_of_a_session_that_was_killed_counts_up_to_its_last_result(tmp_path: Path) -> None:
    session = Session(tmp_path)
    session.tuner.run(FormulaBackend())
    lines = (tmp_path / "journal.jsonl").read_bytes().splitlines(keepends=True)
    lines_before_the_end = [line for line in lines if b'"kind": "done"' not in line]
    (tmp_path / "journal.jsonl").write_bytes(b"".join(lines_before_the_end))
    last = max(r.get("seconds", 0.0) for r in read_journal(tmp_path / "journal.jsonl"))
    assert Session(tmp_path).tuner.seconds >= last > 0


def test_a_score_that_answered_other_questions_is_made_again(tmp_path: Path) -> None:
    first = Session(tmp_path).run()
    backend = FormulaBackend()
    evaluate = {**EVALUATE, "temperature": 0.8}
    second = Session(tmp_path, evaluate=evaluate).run(backend)
    assert [name for name, _ in backend.examined] == ["base"] + [r.spec.id for r in first.results if r.scores]
    assert second.complete
    third = FormulaBackend()
    Session(tmp_path, evaluate=evaluate).run(third)
    assert not third.examined


def test_a_score_whose_prompts_began_otherwise_is_made_again_and_not_shown_beside_new_ones(
    tmp_path: Path,
) -> None:
    first = Session(tmp_path).run()  # as a journal of the time before prompts began with special tokens
    assert not Session(tmp_path, front=["<s>"]).tuner.record().base_scores
    backend = FormulaBackend()
    assert Session(tmp_path, front=["<s>"]).run(backend).complete
    assert [name for name, _ in backend.examined] == ["base"] + [r.spec.id for r in first.results if r.scores]
    third = FormulaBackend()
    Session(tmp_path, front=["<s>"]).run(third)
    assert not third.examined


def test_old_answers_are_not_shown_beside_new_ones(tmp_path: Path) -> None:
    Session(tmp_path).run()
    changed = Session(tmp_path, evaluate={**EVALUATE, "samples": 7}).tuner.record()
    assert not changed.base_scores
    assert not any(result.scores for result in changed.results)


def test_the_base_is_scored_as_the_study_names_it_and_not_as_a_method_loads_it(tmp_path: Path) -> None:
    class Reader(FormulaBackend):
        def examine(self, eval_tasks: Sequence[EvalTask]) -> Iterator[tuple[EvalTask, Score]]:
            models.extend(eval_task.spec.model for eval_task in eval_tasks if eval_task.checkpoint is None)
            return super().examine(eval_tasks)

    models: list[ModelRef] = []
    space = {"full": SPACE["ia3"], **SPACE}  # full fine-tuning loads a base that is not quantised
    Session(tmp_path, space=space, model={"id": "builtin:nano-xs", "quantization": "int8"}).run(Reader())
    assert [model.quantization for model in models] == ["int8"]


def test_every_session_says_what_it_ran_on(tmp_path: Path) -> None:
    Session(tmp_path).run()
    Session(tmp_path).run()
    sessions = [r for r in read_journal(tmp_path / "journal.jsonl") if r["kind"] == "session"]
    assert [session["provenance"]["packages"] for session in sessions] == [{"torch": "2.13.0"}] * 2


def test_the_record_of_a_study_that_has_not_begun_is_not_complete(tmp_path: Path) -> None:
    session = Session(tmp_path)
    record = session.tuner.record({"Look": "here"})
    assert (record.results, record.complete, record.links) == ((), False, {"Look": "here"})


def test_a_stopped_trial_that_is_scored_is_the_best_of_its_method(tmp_path: Path) -> None:
    early_stop = {"rule": "halving", "grace": 1, "keep_per_method": 0}
    record = Session(tmp_path, early_stop=early_stop, search={"sampler": "tpe"}).run()
    stopped = [r for r in record.results if r.scores and r.state is TrialState.STOPPED]
    completed = {r.spec.method for r in record.results if r.state is TrialState.COMPLETE}
    assert stopped
    assert not completed & {result.spec.method for result in stopped}


class BetweenBrackets(FormulaBackend):
    """Is stopped when the first bracket has ended and the second was not yet suggested."""

    def train(self, board: TrialBoard, tick: Callable[[], None]) -> None:
        for trial in board.ready():
            while not board.state(trial).ended:
                board.tell(trained(board.ask(trial)))
        raise KeyboardInterrupt


def test_a_search_that_was_stopped_between_two_brackets_is_not_complete(tmp_path: Path) -> None:
    sections: dict[str, Any] = {"early_stop": {"rule": "none"}, "search": {"bracket": 4}}
    sections["evaluate"] = {"tasks": []}
    stopped = Session(tmp_path, **sections)
    with pytest.raises(KeyboardInterrupt):
        stopped.run(BetweenBrackets())
    assert len(stopped.tuner.record().results) == 4
    assert not stopped.tuner.record().complete
    assert Session(tmp_path, **sections).run().complete
