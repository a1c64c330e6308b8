"""Repeats of finalists with other seeds."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from astraios_ray.config.study import EvaluateConfig, StudyConfig
from astraios_ray.methods.method import traits_of
from astraios_ray.records import Cost, Provenance, TrainReport, TrialResult, TrialState, encode
from astraios_ray.search.folder import StudyFolder
from astraios_ray.search.journal import FORMAT, Journal
from astraios_ray.search.repeats import missing_repeats, to_score
from astraios_ray.search.replay import replay_folder
from astraios_ray.search.trial_board import TrialBoard
from astraios_ray.space.make_specs import make_spec
from tests.fakes.old_folders import age
from tests.fakes.studies import board, run_through, study, trained

ASKED: dict[str, Any] = {"tasks": ["primer"], "top": 1, "per_method": 1, "audited": False, "seeds": 3}


def repeating(**evaluate: Any) -> StudyConfig:
    return study(evaluate={**ASKED, **evaluate})


def split(small: TrialBoard) -> tuple[list[TrialResult], list[TrialResult]]:
    """The results of first runs, and those of repeats."""
    return [r for r in small.results if r.spec.repeat_of is None], [
        r for r in small.results if r.spec.repeat_of
    ]


def test_the_best_of_each_method_are_trained_anew_in_full(tmp_path: Path) -> None:
    small = board(tmp_path, repeating())
    run_through(small)
    first, repeats = split(small)
    by_id = {result.spec.id: result for result in first}
    assert len(first) == 8
    assert {r.spec.repeat_of for r in repeats} == {
        min((r for r in first if r.spec.method == name and r.last), key=lambda r: r.points[-1].loss).spec.id
        for name in ("lora", "ia3")
    }
    assert all(r.state is TrialState.COMPLETE for r in repeats)
    for repeat in repeats:
        spec = by_id[repeat.spec.repeat_of or ""].spec
        assert replace(repeat.spec, number=spec.number, seed=spec.seed, repeat_of=None) == spec
    seeds = [(r.spec.repeat_of, r.spec.seed) for r in repeats]
    assert len(set(seeds)) == len(repeats) == 6 and 0 not in {seed for _, seed in seeds}


def test_without_the_key_nothing_is_repeated(tmp_path: Path) -> None:
    small = board(tmp_path, repeating(seeds=0))
    run_through(small)
    assert not split(small)[1]


def test_a_study_that_asks_no_problems_is_repeated_too(tmp_path: Path) -> None:
    small = board(tmp_path, repeating(tasks=[]))
    run_through(small)
    assert len(split(small)[1]) == 6


def test_no_rule_stops_a_repeat_and_none_counts_as_a_peer(tmp_path: Path) -> None:
    def loss(train_task: Any, step: int) -> float:
        return 9.0 if train_task.spec.repeat_of else 1.0 / step + train_task.spec.number / 100

    small = board(tmp_path, repeating())
    while not small.done:
        small.tell(trained(small.ask(small.ready()[0]), loss))
    assert all(r.state is TrialState.COMPLETE and r.points[-1].loss == 9.0 for r in split(small)[1])


@pytest.mark.parametrize("stop_after", [13, 15, 18, 22, 25])
def test_a_study_cut_anywhere_repeats_the_same(tmp_path: Path, stop_after: int) -> None:
    uncut, cut = tmp_path / "whole", tmp_path / "cut"
    uncut.mkdir()
    cut.mkdir()
    undisturbed, interrupted = board(uncut, repeating()), board(cut, repeating())
    run_through(undisturbed)
    run_through(interrupted, stop_after)
    again = board(cut, repeating())
    run_through(again)
    assert {(r.spec.id, r.state, r.points) for r in again.results} == {
        (r.spec.id, r.state, r.points) for r in undisturbed.results
    }


def test_a_finished_study_can_be_extended_by_seeds_and_then_by_trials(tmp_path: Path) -> None:
    run_through(board(tmp_path, repeating(seeds=0)))
    more = board(tmp_path, repeating())
    run_through(more)
    assert len(split(more)[1]) == 6
    larger = board(tmp_path, StudyConfig.model_validate({**repeating().resolved(), "budget": {"trials": 10}}))
    run_through(larger)
    first, repeats = split(larger)
    assert [r.spec.number for r in first] == list(range(10))
    assert len(repeats) >= 6


def test_the_run_folder_tells_the_same(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    folder.adopt(repeating().resolved(), extend=False)
    small = board(tmp_path, repeating())
    run_through(small)
    assert replay_folder(tmp_path).record.results == small.results


def test_repeats_of_finalists_are_scored_those_that_broke_are_not(tmp_path: Path) -> None:
    small = board(tmp_path, repeating())
    while not split(small)[1]:
        small.tell(trained(small.ask(small.ready()[0])))
        small.ready()
    broken = small.ask(small.ready()[0]).spec.id
    assert broken in {result.spec.id for result in split(small)[1]}
    small.tell(TrainReport(broken, TrialState.DIVERGED, (), None, Cost(), "loss nan"))
    run_through(small)
    repeats = split(small)[1]
    scored = to_score(small.results, EvaluateConfig.model_validate(ASKED))
    assert {r.spec.id for r in scored if r.spec.repeat_of} == {r.spec.id for r in repeats} - {broken}
    assert {r.spec.id for r in scored if r.spec.repeat_of is None} == {r.spec.repeat_of for r in repeats}


def board_behind(folder: Path, trials: int, *records: dict[str, Any]) -> TrialBoard:
    """A board for so many trials, behind records of an earlier session."""
    journal = Journal(folder / "journal.jsonl")
    for record in records:
        journal.write(**record)
    journal.close()
    sections = {**repeating().resolved(), "budget": {"trials": trials}}
    return board(folder, StudyConfig.model_validate(sections))


def specs_of(*numbers: int, **fields: Any) -> list[Any]:
    values = {"r": 4}
    spec = make_spec(repeating(), 0, "lora", values, 0, traits_of)
    return [encode(replace(spec, number=number, **fields)) for number in numbers]


def test_trials_behind_the_ten_thousandth_are_no_repeats(tmp_path: Path) -> None:
    numbers = [9_998, 9_999, 10_000, 10_001]
    many = board_behind(tmp_path, 4, {"kind": "bracket", "number": 0, "specs": specs_of(*numbers)})
    run_through(many)
    first, repeats = split(many)
    assert [result.spec.number for result in first] == numbers
    assert [(r.spec.repeat_of, r.spec.number) for r in repeats] == [
        ("t9998", 9_998 + 100_000 * turn) for turn in (1, 2, 3)
    ]


def test_a_study_that_is_extended_leaves_the_numbers_of_its_repeats_out(tmp_path: Path) -> None:
    repeat = specs_of(3, seed=1, repeat_of="t0000")
    larger = board_behind(
        tmp_path,
        5,
        {"kind": "bracket", "number": 0, "specs": specs_of(0)},
        {"kind": "repeats", "specs": repeat},
    )
    run_through(larger)
    assert [result.spec.number for result in split(larger)[0]] == [0, 1, 2, 4, 5]


def test_repeats_that_older_journals_knew_by_their_numbers_are_known(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    folder.adopt(repeating().resolved(), extend=False)
    session = {"kind": "session", "format": FORMAT, "provenance": encode(Provenance({}, "3.11", "a test"))}
    small = board_behind(tmp_path, 8, session)
    run_through(small)
    age(tmp_path)
    assert "repeat_of" not in (tmp_path / "journal.jsonl").read_text()
    assert replay_folder(tmp_path).record.results == small.results
    again = board(tmp_path, repeating())
    assert again.done
    assert again.results == small.results


def test_only_what_is_missing_is_repeated(tmp_path: Path) -> None:
    small = board(tmp_path, repeating())
    run_through(small)
    assert missing_repeats(small.results, EvaluateConfig.model_validate(ASKED), 8) == []
    five = missing_repeats(small.results, EvaluateConfig.model_validate({**ASKED, "seeds": 5}), 8)
    assert sorted(spec.seed for spec in five) == [4, 4, 5, 5]
