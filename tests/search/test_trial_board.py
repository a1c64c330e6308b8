from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from astraios_ray.records import Cost, TrainingSetup, TrainReport, TrialState
from astraios_ray.search.trial_board import TrialBoard
from astraios_ray.space.domains import Choice, Constant
from astraios_ray.space.space import Space
from astraios_ray.tracking.in_memory_tracker import MemoryTracker
from tests.fakes.studies import board, run_through, study, trained


def test_a_study_ends_with_every_trial_in_an_end_state(tmp_path: Path) -> None:
    small = board(tmp_path)
    run_through(small)
    assert len(small.results) == 8
    assert all(result.state.ended for result in small.results)
    assert sum(result.state is TrialState.COMPLETE for result in small.results) >= 1


def test_the_best_trial_survives_every_rung(tmp_path: Path) -> None:
    small = board(tmp_path)
    run_through(small)
    best = min(small.results, key=lambda result: result.points[-1].loss)
    assert (best.spec.number, best.state) == (0, TrialState.COMPLETE)


def test_no_method_is_starved(tmp_path: Path) -> None:
    small = board(tmp_path)
    run_through(small)
    per_method = [sum(r.spec.method == name for r in small.results) for name in ("lora", "ia3")]
    assert min(per_method) >= 2


def test_a_diverged_trial_is_never_best_and_its_rung_goes_on(tmp_path: Path) -> None:
    small = board(tmp_path)
    train_task = small.ask(small.ready()[0])
    small.tell(TrainReport(train_task.spec.id, TrialState.DIVERGED, (), None, Cost(), "loss nan"))
    run_through(small)
    ended = {result.spec.id: result for result in small.results}
    assert ended[train_task.spec.id].state is TrialState.DIVERGED
    assert not ended[train_task.spec.id].rankable
    assert any(result.state is TrialState.COMPLETE for result in small.results)


@pytest.mark.parametrize("stop_after", range(14))
def test_a_study_cut_anywhere_goes_on_to_the_same_trials(tmp_path: Path, stop_after: int) -> None:
    uncut, cut = tmp_path / "whole", tmp_path / "cut"
    uncut.mkdir()
    cut.mkdir()
    undisturbed = board(uncut)
    train_tasks = run_through(undisturbed)
    before = board(cut)
    served = run_through(before, stop_after)
    if not before.done:
        before.ask(before.ready()[0])  # a train task whose report is never told
    after = board(cut)
    served += run_through(after)
    assert served == train_tasks, "a train_report that was finished was trained again"
    assert after.results == undisturbed.results


@pytest.mark.parametrize("sampler", ["per_method", "tpe"])
@pytest.mark.parametrize("stop_after", [3, 7, 13, 22])
def test_brackets_that_learn_are_the_same_after_a_cut(tmp_path: Path, stop_after: int, sampler: str) -> None:
    search = {"sampler": sampler, "bracket": 4, "startup_per_method": 1}
    config = study(budget={"trials": 20}, search=search)
    undisturbed, before = board(tmp_path / "whole", config), board(tmp_path / "cut", config)
    run_through(undisturbed)
    run_through(before, stop_after)
    after = board(tmp_path / "cut", config)
    run_through(after)
    assert after.results == undisturbed.results


def test_everything_ready_of_a_bracket_comes_before_the_next(tmp_path: Path) -> None:
    small = board(tmp_path, study(budget={"trials": 30}, search={"bracket": 4}))
    assert len(small.ready()) == 4
    run_through(small)
    assert len(small.results) == 30


def waiting_at_the_first_rung(folder: Path, sampler: str) -> TrialBoard:
    """Brackets of four, all of the first one under way: three wait at the rung, one still trains."""
    small = board(folder, study(search={"sampler": sampler, "bracket": 4}))
    train_tasks = [small.ask(trial) for trial in small.ready()]
    for train_task in train_tasks[:3]:
        small.tell(trained(train_task))
    return small


def test_a_rung_that_waits_leaves_no_slot_empty_where_nothing_is_learned_between_brackets(
    tmp_path: Path,
) -> None:
    assert waiting_at_the_first_rung(tmp_path, "random").ready() == ("t0004", "t0005", "t0006", "t0007")


def test_a_sampler_that_learns_hears_a_whole_bracket_before_it_proposes_the_next(tmp_path: Path) -> None:
    small = waiting_at_the_first_rung(tmp_path, "tpe")
    assert (small.ready(), small.done) == ((), False)


def test_trials_of_other_methods_do_not_stop_one_that_is_best_of_its_own(tmp_path: Path) -> None:
    losses = {"lora": 1.0, "ia3": 9.0}
    small = board(
        tmp_path,
        study(early_stop={"rule": "halving", "grace": 1, "keep_per_method": 0, "audit_fraction": 0.0}),
    )
    while not small.done:
        task = small.ask(small.ready()[0])
        small.tell(trained(task, lambda t, step: losses[t.spec.method] + t.spec.number / 100))
    complete = Counter(r.spec.method for r in small.results if r.state is TrialState.COMPLETE)
    assert complete == {"lora": 2, "ia3": 2}  # one of three, and the later one


def test_trials_do_not_depend_on_when_a_free_slot_asked_for_them(tmp_path: Path) -> None:
    early, late = tmp_path / "early", tmp_path / "late"
    early.mkdir()
    late.mkdir()
    waiting, unasked = (
        waiting_at_the_first_rung(early, "random"),
        board(late, study(search={"sampler": "random", "bracket": 4})),
    )
    for trial in waiting.ready():
        waiting.tell(trained(waiting.ask(trial)))
    run_through(unasked)
    assert [r.spec for r in waiting.results] == [r.spec for r in unasked.results]


def test_a_released_train_task_is_ready_again(tmp_path: Path) -> None:
    small = board(tmp_path)
    train_task = small.ask(small.ready()[0])
    small.release(train_task.spec.id)
    assert train_task.spec.id in small.ready()


def test_a_train_task_goes_from_the_newest_checkpoint_to_the_next_rung(tmp_path: Path) -> None:
    small = board(tmp_path, study(early_stop={"rule": "none", "grace": 3}))
    train_task = small.ask(small.ready()[0])
    assert (train_task.checkpoint, train_task.until) == (None, 3)
    small.tell(trained(train_task))
    again = small.ask(train_task.spec.id)
    assert again.checkpoint and (again.checkpoint.step, again.until) == (3, 4)


def test_a_spent_budget_stops_what_waits_and_says_why(tmp_path: Path) -> None:
    small = board(tmp_path, study(budget={"trials": 8, "wall_minutes": 1e-9}))
    assert small.done
    assert not small.results


def test_a_budget_that_is_spent_midway_stops_running_trials_at_their_rung(tmp_path: Path) -> None:
    small = board(tmp_path, study(budget={"trials": 8, "wall_minutes": 60}))
    train_task = small.ask(small.ready()[0])
    small.budget_meter.seconds_before = 3601
    small.tell(trained(train_task))
    assert small.done
    assert {result.reason for result in small.results} == {"the study's budget is spent"}


def test_a_trial_that_the_budget_ended_stays_ended_after_a_resume(tmp_path: Path) -> None:
    search = {"startup_per_method": 4}  # all of the trials
    small = board(tmp_path, study(budget={"trials": 8, "wall_minutes": 60}, search=search))
    train_task = small.ask(small.ready()[0])
    small.budget_meter.seconds_before = 3601
    small.tell(trained(train_task))
    assert small.done
    extended = board(tmp_path, study(budget={"trials": 8, "wall_minutes": 600}, search=search))
    assert not extended.ready()
    assert extended.results == small.results


def test_a_resume_tells_journal_and_tracker_nothing_again(tmp_path: Path) -> None:
    tracker = MemoryTracker()
    run_through(board(tmp_path, tracker=tracker))
    events, records = len(tracker.events), (tmp_path / "journal.jsonl").read_bytes()
    board(tmp_path, tracker=tracker)
    assert len(tracker.events) == events
    assert (tmp_path / "journal.jsonl").read_bytes() == records


def test_a_grid_is_tried_whole_and_not_more(tmp_path: Path) -> None:
    space: Space = {"lora": {"r": Choice((4, 8, 16)), "alpha": Constant(16)}, "ia3": {}}
    small = board(tmp_path, study(budget={"trials": 50}, search={"sampler": "grid"}), space=space)
    run_through(small)
    assert len(small.results) == 4


def test_what_a_trial_trains_is_known_from_its_last_report_that_says_so(tmp_path: Path) -> None:
    setup = TrainingSetup({"r": 4}, ("attn.c_attn",), "float32", "float32", ())
    small = board(tmp_path)
    first = small.ask(small.ready()[0])
    small.tell(replace(trained(first), setup=setup))
    run_through(small)
    again = {result.spec.id: result.setup for result in board(tmp_path).results}
    assert again.pop(first.spec.id) == setup
    assert set(again.values()) == {None}
