"""Status, report, explain and a search that goes on agree on what a journal says, wherever it is cut."""

import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from astraios_ray.config.study import StudyConfig
from astraios_ray.errors import TornFile
from astraios_ray.records import (
    Checkpoint,
    Cost,
    EvalTask,
    Provenance,
    Score,
    StudyRecord,
    TrainReport,
    TrainTask,
    TrialState,
)
from astraios_ray.report.analysis.leaderboard import leaderboard
from astraios_ray.report.render.document import document
from astraios_ray.report.sections.collect import sections
from astraios_ray.search.budget_meter import SPENT
from astraios_ray.search.folder import StudyFolder
from astraios_ray.search.replay import replay_folder
from astraios_ray.search.trial_board import TrialBoard
from astraios_ray.search.tuner import Tuner
from astraios_ray.studies.load_record import read_record
from astraios_ray.studies.status import status as status_of
from astraios_ray.tracking.in_memory_tracker import MemoryTracker
from tests.fakes.studies import SPACE, board, study, trained

RULES: dict[str, dict[str, Any]] = {
    "halving": {"rule": "halving", "grace": 1, "reduction": 3, "audit_fraction": 0.5},
    "asha": {"rule": "asha", "grace": 1, "reduction": 3, "audit_fraction": 0.5},
    "median": {"rule": "median", "grace": 2},
    "none": {"rule": "none"},
}
SPENT_SECONDS = 60_000_001 * 60.0


class PlannedBackend:
    """Trains several trials at a time by formula, in a drawn order; ``breaks``: the tasks that diverge."""

    lanes = 1
    stopped_lanes: Mapping[str, float] = {}
    links: Mapping[str, str] = {}

    def __init__(self, order: Sequence[int], breaks: set[int], spent_after: int) -> None:
        self._order, self._breaks, self._spent_after = order, breaks, spent_after

    def train(self, board: TrialBoard, tick: Callable[[], None]) -> None:
        running: list[TrainTask] = []
        served = 0
        while not board.done:
            turn = self._order[served % len(self._order)]
            while len(running) < 3 and (ready := board.ready()):
                running.append(board.ask(ready[turn % len(ready)]))
            task = running.pop(turn % len(running))
            served += 1
            if served == self._spent_after:
                board.budget_meter.seconds_before = SPENT_SECONDS
            diverged = TrainReport(task.spec.id, TrialState.DIVERGED, (), None, Cost(), "loss nan")
            board.tell(diverged if served in self._breaks else trained(task))
            tick()

    def examine(self, eval_tasks: Sequence[EvalTask]) -> Iterator[tuple[EvalTask, Score]]:
        for eval_task in eval_tasks:
            solved = {f"p{n}": 1 / (1 + eval_task.spec.number) for n in range(3)}
            share = solved["p0"] if eval_task.checkpoint else 0.1
            yield eval_task, Score("primer", {"pass_at_1": share}, problems=3, samples=2, solved=solved)

    def dismiss(self) -> None:
        """Do nothing: there are no workers."""

    def close(self) -> None:
        """Do nothing: there is nothing to free."""


def tuner(folder: Path, config: StudyConfig) -> Tuner:
    return Tuner(
        config,
        SPACE,
        folder=StudyFolder(folder),
        tracker=MemoryTracker(),
        show=lambda progress: None,
        provenance=Provenance({"torch": "2"}, "3.11", "a test"),
    )


def run(folder: Path, config: StudyConfig, backend: PlannedBackend) -> StudyRecord:
    StudyFolder(folder).adopt(config.resolved(), extend=False)
    session = tuner(folder, config)
    session.run(backend)
    session.close()
    return session.record()


def cut(folder: Path, into: Path, length: int) -> None:
    """A folder with the first ``length`` records of a journal, as a killed search leaves them."""
    into.mkdir()
    (into / "resolved.yaml").write_bytes((folder / "resolved.yaml").read_bytes())
    lines = (folder / "journal.jsonl").read_bytes().splitlines(keepends=True)
    torn = lines[length][:-1] if length < len(lines) else b""
    (into / "journal.jsonl").write_bytes(b"".join(lines[:length]) + torn)


def explained(record: StudyRecord) -> dict[str, Any]:
    """What ``explain`` and the report say of a record; ``seconds`` and links are those of one session."""
    board = leaderboard(replace(record, seconds=60.0, links={}))
    return document(board, sections(board))


def states(record: StudyRecord) -> dict[str, int]:
    values = [result.state.value for result in record.results]
    return {value: values.count(value) for value in sorted(values)}


def assert_all_agree(folder: Path, config: StudyConfig) -> None:
    status = status_of(folder).document()
    report = read_record(str(folder))
    session = tuner(folder, config)
    resumed = session.record()
    session.close()
    assert report.results == resumed.results
    assert report.base_scores == resumed.base_scores
    assert status["trials"] == states(resumed)
    assert explained(report) == explained(resumed)
    assert read_record(str(folder)).results == resumed.results  # also with what the resume has written


@settings(max_examples=12)
@given(
    rule=st.sampled_from(sorted(RULES)),
    sets=st.sampled_from([(), ("full",), ("full", "ood")]),
    sampler=st.sampled_from(["per_method", "tpe", "random"]),
    seeds=st.sampled_from([0, 2]),
    order=st.lists(st.integers(0, 5), min_size=1, max_size=8),
    breaks=st.sets(st.integers(1, 12), max_size=3),
    spent_after=st.sampled_from([4, 9, 1000]),
    share=st.floats(0.02, 1),
)
@example("halving", (), "tpe", 0, [0], {3}, 9, 0.8)
@example("asha", ("full", "ood"), "random", 2, [1, 0, 2], {2}, 1000, 0.9)
@example("halving", (), "per_method", 2, [0, 1], {3}, 1000, 0.9)
@example("asha", ("full", "ood"), "per_method", 0, [1, 0], {2}, 1000, 0.7)
@example("median", (), "tpe", 2, [2, 1], set(), 1000, 1.0)
@example("none", ("full",), "random", 0, [0, 3], {1}, 4, 0.5)
def test_all_who_read_a_journal_agree_wherever_it_is_cut(
    rule: str,
    sets: tuple[str, ...],
    sampler: str,
    seeds: int,
    order: list[int],
    breaks: set[int],
    spent_after: int,
    share: float,
) -> None:
    config = study(
        early_stop=RULES[rule],
        budget={"trials": 12, "wall_minutes": 1_000_000},
        search={"sampler": sampler, "bracket": 4},
        evaluate={"tasks": ["primer"], "top": 2, "per_method": 1, "seeds": seeds},
        ood={"region": "length", "training_sets": list(sets)} if sets else None,
    )
    with TemporaryDirectory() as place:
        full = run(Path(place) / "full", config, PlannedBackend(order, breaks, spent_after))
        assert any(result.state.ended for result in full.results)
        lines = (Path(place) / "full" / "journal.jsonl").read_bytes().count(b"\n")
        cut(Path(place) / "full", Path(place) / "cut", max(1, int(share * lines)))
        assert_all_agree(Path(place) / "cut", config)


def test_a_trial_that_the_budget_ends_has_its_reason(tmp_path: Path) -> None:
    config = study(early_stop=RULES["halving"], budget={"trials": 8, "wall_minutes": 1_000_000})
    run(tmp_path / "full", config, PlannedBackend([0], {3}, 9))
    results = replay_folder(tmp_path / "full").record.results
    assert SPENT in {result.reason for result in results}
    assert all(result.reason for result in results if result.state is TrialState.STOPPED)


@pytest.mark.parametrize("rest", [{"kind": "ended", "trial": "t0009", "state": "complete"}, {"a": 1}, [1]])
def test_a_record_that_does_not_follow_from_those_before_it_is_a_damaged_file(
    rest: object, tmp_path: Path
) -> None:
    (tmp_path / "resolved.yaml").write_text(yaml.safe_dump(study().resolved()))
    body = json.dumps(rest).encode()
    (tmp_path / "journal.jsonl").write_bytes(f"{zlib.crc32(body):08x} ".encode() + body + b"\n")
    with pytest.raises(
        TornFile, match=r"journal\.jsonl:.*(1 \(ended\) does not follow|expected a record with a kind)"
    ):
        replay_folder(tmp_path)


@pytest.mark.parametrize("is_absolute", [True, False])
def test_the_checkpoints_of_a_moved_folder_lie_where_it_is_now(
    is_absolute: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    before = tmp_path / "before" if is_absolute else Path("before")
    StudyFolder(before)
    small = board(before)
    for _ in range(3):
        task = small.ask(small.ready()[0])
        folder = before / "trials" / task.spec.id / f"checkpoint-{task.until}"
        small.tell(replace(trained(task), checkpoint=Checkpoint(str(folder), task.until)))
    (before / "resolved.yaml").write_text(yaml.safe_dump(study().resolved()))
    before.rename(tmp_path / "elsewhere" / "after")
    monkeypatch.chdir(tmp_path / "elsewhere")
    after = tmp_path / "elsewhere" / "after" if is_absolute else Path("after")
    checkpoints = [r.checkpoint for r in replay_folder(after).record.results if r.checkpoint]
    assert len(checkpoints) == 3
    assert {Path(checkpoint.folder).parents[1] for checkpoint in checkpoints} == {after / "trials"}
