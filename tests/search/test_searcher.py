"""Suggestions: all methods at the start, then by results; the same ones after any interruption."""

import errno
import json
import math
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import optuna
import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from astraios_ray.config.study import StudyConfig
from astraios_ray.errors import ConfigError
from astraios_ray.methods.method import traits_of
from astraios_ray.records import (
    Cost,
    TrainReport,
    TrialResult,
    TrialState,
    ValidationPoint,
    Value,
    decode,
    encode,
)
from astraios_ray.search.searcher import Searcher, Suggestion
from astraios_ray.space.domains import Choice, Constant, Real, Whole
from astraios_ray.space.make_specs import make_spec
from astraios_ray.space.space import Space
from tests.fakes.studies import SPACE, board, run_through, study, trained

pytestmark = pytest.mark.filterwarnings("ignore:.*is experimental:optuna.exceptions.ExperimentalWarning")

Formula = Callable[[Suggestion], float]


def searcher(folder: Path, config: StudyConfig | None = None, space: Space = SPACE) -> Searcher:
    folder.mkdir(exist_ok=True)
    return Searcher(config or study(search={"startup_per_method": 4}), space, folder / "optuna.log")


def planted(suggestion: Suggestion) -> float:
    """A loss that is lowest for lora at a learning rate of 1e-3."""
    away = abs(math.log10(float(suggestion.values["learning_rate"] or 1.0) / 1e-3))
    return away + (0.0 if suggestion.method == "lora" else 1.0)


def tell_endings(
    searcher: Searcher, suggestions: Sequence[Suggestion], first: int, formula: Formula = planted
) -> None:
    """Tell how trials ended, the first of them ``first``."""
    for result in endings(suggestions, first, formula):
        searcher.tell(result)


def endings(
    suggestions: Sequence[Suggestion], first: int, formula: Formula = planted
) -> Iterator[TrialResult]:
    """How trials ended, the first of them ``first``: every third was stopped, every tenth diverged."""
    for number, suggestion in enumerate(suggestions, start=first):
        spec = make_spec(study(), number, suggestion.method, suggestion.values, 0, traits_of)
        state = TrialState.DIVERGED if number % 10 == 9 else TrialState.COMPLETE
        state = TrialState.STOPPED if number % 3 == 2 else state
        steps = (1, 3) if state is TrialState.STOPPED else (1, 3, 9)
        points = tuple(ValidationPoint(step, formula(suggestion) + 1 / step, 1.0, 1.0) for step in steps)
        yield TrialResult(spec, state, points)


def in_optuna(folder: Path, name: str = "small") -> list[optuna.trial.FrozenTrial]:
    """The trials that another program reads from Optuna's file."""
    storage = JournalStorage(JournalFileBackend(str(folder / "optuna.log")))
    return optuna.load_study(study_name=name, storage=storage).trials


def numbers(suggestions: Sequence[Suggestion], method: str, name: str) -> list[Any]:
    return [suggestion.values[name] for suggestion in suggestions if suggestion.method == method]


def test_the_start_has_every_method_equally_often(tmp_path: Path) -> None:
    bracket = searcher(tmp_path).bracket(0, 8)
    assert Counter(suggestion.method for suggestion in bracket) == {"lora": 4, "ia3": 4}


def test_a_disk_on_which_nothing_can_be_linked_or_renamed_stops_no_searcher(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    for call in ("link", "symlink", "rename"):
        monkeypatch.setattr(os, call, broken)
    assert searcher(tmp_path).next_bracket(0, [1])


def test_every_beginning_of_the_start_is_fair_too(tmp_path: Path) -> None:
    bracket = searcher(tmp_path).bracket(0, 4)
    assert Counter(suggestion.method for suggestion in bracket) == {"lora": 2, "ia3": 2}


@pytest.mark.parametrize(("method", "low", "high"), [("lora", 1e-4, 1e-2), ("ia3", 1e-3, 1e-1)])
def test_the_start_visits_every_slice_of_a_range_once(
    method: str, low: float, high: float, tmp_path: Path
) -> None:
    rates = numbers(searcher(tmp_path).bracket(0, 8), method, "learning_rate")
    assert sorted(int(4 * math.log(rate / low) / math.log(high / low)) for rate in rates) == [0, 1, 2, 3]


def test_the_start_takes_every_option_equally_often(tmp_path: Path) -> None:
    assert sorted(numbers(searcher(tmp_path).bracket(0, 8), "lora", "r")) == [4, 4, 8, 8]


def test_a_start_over_two_brackets_is_the_same_start(tmp_path: Path) -> None:
    parted = searcher(tmp_path / "2")
    first = parted.bracket(0, 3)
    tell_endings(parted, first, 0)
    assert [*first, *parted.bracket(1, 5)] == searcher(tmp_path / "1").bracket(0, 8)


@pytest.mark.parametrize("sampler", ["per_method", "tpe", "random"])
def test_the_same_seed_gives_the_same_brackets_and_another_seed_others(sampler: str, tmp_path: Path) -> None:
    def brackets(seed: int) -> list[Suggestion]:
        one = searcher(tmp_path, study(search={"seed": seed, "sampler": sampler}, budget={"trials": 12}))
        start = one.bracket(0, 6)
        tell_endings(one, start, 0)
        return [*start, *one.bracket(1, 4)]

    assert brackets(1) == brackets(1)
    assert brackets(1) != brackets(2)


def test_constants_stand_in_every_suggestion(tmp_path: Path) -> None:
    space: Space = {"lora": {"r": Constant(8), "learning_rate": Real(1e-4, 1e-2, log=True)}}
    one = searcher(tmp_path, study(methods={"lora": {}}, search={"startup_per_method": 2}), space)
    assert {suggestion.values["r"] for suggestion in one.bracket(0, 5)} == {8}


def test_values_are_plain_and_survive_json(tmp_path: Path) -> None:
    space: Space = {
        "lora": {"r": Whole(2, 64, log=True), "learning_rate": Real(1e-4, 1e-2), "b": Choice((True, None))}
    }
    config = study(methods={"lora": {}}, search={"startup_per_method": 3})
    for suggestion in searcher(tmp_path, config, space).bracket(0, 6):
        assert json.loads(json.dumps(dict(suggestion.values))) == suggestion.values
        assert {type(value) for value in suggestion.values.values()} <= {int, float, bool, type(None)}


def test_a_method_without_anything_to_draw_is_proposed_too(tmp_path: Path) -> None:
    space: Space = {"lora": SPACE["lora"], "ia3": {}}
    one = searcher(tmp_path, study(), space)
    start = one.bracket(0, 4)
    tell_endings(one, start, 0, lambda suggestion: 1.0)
    assert Suggestion("ia3", {}) in start
    assert len(one.bracket(1, 6)) == 6


@pytest.mark.parametrize("sampler", ["per_method", "tpe", "random", "grid"])
def test_enqueued_points_come_first(sampler: str, tmp_path: Path) -> None:
    space: Space = {"lora": {"r": Choice((4, 8))}, "ia3": {"learning_rate": Choice((0.1, 0.2))}}
    points: list[dict[str, Value]] = [{"method": "ia3", "learning_rate": 0.2}, {"method": "lora", "r": 8}]
    bracket = searcher(tmp_path, study(enqueue=points, search={"sampler": sampler}), space).bracket(0, 4)
    assert bracket[:2] == [Suggestion("ia3", {"learning_rate": 0.2}), Suggestion("lora", {"r": 8})]
    assert len(bracket) == 4


def test_an_enqueued_point_is_completed_from_the_middle_of_the_ranges(tmp_path: Path) -> None:
    one = searcher(tmp_path, study(enqueue=[{"method": "lora", "r": 8}]))
    assert one.bracket(0, 1)[0].values == {"r": 8, "learning_rate": pytest.approx(1e-3)}


def test_an_enqueued_number_may_lie_outside_its_range(tmp_path: Path) -> None:
    one = searcher(tmp_path, study(enqueue=[{"method": "ia3", "learning_rate": 0.5}]))
    bracket = one.bracket(0, 5)
    assert bracket[0].values["learning_rate"] == 0.5
    tell_endings(one, bracket, 0)
    assert len(one.bracket(1, 3)) == 3


def test_an_enqueued_option_that_is_none_is_refused_with_the_options(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"enqueue\[0\]\.r: found 16, the search space of lora has 4 or 8"):
        searcher(tmp_path, study(enqueue=[{"method": "lora", "r": 16}]))


def test_a_grid_has_every_point_once_and_then_nothing(tmp_path: Path) -> None:
    space: Space = {"lora": {"r": Choice((4, 8)), "learning_rate": Choice((0.1, 0.2))}, "ia3": {}}
    config = study(search={"sampler": "grid"}, enqueue=[{"method": "lora", "r": 8, "learning_rate": 0.1}])
    one = searcher(tmp_path, config, space)
    points = [*one.bracket(0, 3), *one.bracket(1, 9)]
    assert len(points) == 5
    assert len({repr(point) for point in points}) == 5
    assert one.bracket(2, 9) == []


@pytest.mark.parametrize("sampler", ["per_method", "tpe"])
def test_a_bracket_after_a_replay_is_the_one_that_would_have_come(sampler: str, tmp_path: Path) -> None:
    config = study(search={"sampler": sampler, "startup_per_method": 4})
    undisturbed, restarted = searcher(tmp_path / "1", config), searcher(tmp_path / "2", config)
    results: list[TrialResult] = []
    for number in range(3):
        bracket = undisturbed.bracket(number, 8 if number == 0 else 5)
        tell_endings(undisturbed, bracket, len(results))
        results += endings(bracket, len(results))
    restarted.resume([decode(TrialResult, json.loads(json.dumps(encode(result)))) for result in results])
    assert restarted.bracket(3, 6) == undisturbed.bracket(3, 6)


@pytest.mark.parametrize("sampler", ["per_method", "tpe"])
def test_a_bracket_does_not_depend_on_who_ended_first(sampler: str, tmp_path: Path) -> None:
    config = study(search={"sampler": sampler, "startup_per_method": 4})
    one, other = searcher(tmp_path / "1", config), searcher(tmp_path / "2", config)
    start = one.bracket(0, 8)
    assert other.bracket(0, 8) == start
    for number in range(8):
        tell_endings(one, [start[number]], number)
    for number in (3, 7, 1, 0, 2, 6, 5, 4):
        tell_endings(other, [start[number]], number)
    assert one.bracket(1, 5) == other.bracket(1, 5)


def test_optuna_is_told_how_trials_really_ended(tmp_path: Path) -> None:
    one = searcher(tmp_path)
    tell_endings(one, one.bracket(0, 8), 0)
    tell_endings(one, one.bracket(1, 2), 8)
    trials = {trial.user_attrs["trial_id"]: trial for trial in in_optuna(tmp_path)}
    states = optuna.trial.TrialState
    assert (trials["t0000"].state, trials["t0002"].state) == (states.COMPLETE, states.PRUNED)
    assert trials["t0009"].state is states.FAIL
    assert trials["t0000"].value == trials["t0000"].intermediate_values[9]
    assert list(trials["t0002"].intermediate_values) == [1, 3]
    assert trials["t0002"].params.keys() == {"method", "lora.r", "lora.learning_rate"}


def test_after_a_study_nothing_runs_in_optuna(tmp_path: Path) -> None:
    small = board(tmp_path)
    train_task = small.ask(small.ready()[0])
    small.tell(TrainReport(train_task.spec.id, TrialState.DIVERGED, (), None, Cost(), "loss nan"))
    while not small.done:
        small.tell(trained(small.ask(small.ready()[0])))
    ended = Counter(trial.state.name for trial in in_optuna(tmp_path))
    assert ended.keys() == {"COMPLETE", "PRUNED", "FAIL"}
    assert sum(ended.values()) == 8


def test_while_a_study_goes_on_what_runs_is_running_in_optuna(tmp_path: Path) -> None:
    small = board(tmp_path)
    run_through(small, at_most=2)
    assert {trial.state.name for trial in in_optuna(tmp_path)} == {"RUNNING"}


def test_a_lock_that_a_killed_session_left_does_not_hold_up_the_next(tmp_path: Path) -> None:
    (tmp_path / "optuna.log.lock").symlink_to(tmp_path / "optuna.log")
    assert len(searcher(tmp_path).bracket(0, 2)) == 2


def test_what_was_learnt_draws_suggestions_to_where_it_is_good(tmp_path: Path) -> None:
    config = study(search={"sampler": "tpe", "startup_per_method": 5}, budget={"trials": 60})
    one = searcher(tmp_path, config)
    count, last = 0, list[Suggestion]()
    for number in range(5):
        last = one.bracket(number, 10)
        tell_full_endings(one, last, count)
        count += len(last)
    good = [p for p in last if p.method == "lora" and planted(p) < 0.35]  # by chance: 1.75 of 10
    assert len(good) >= 5


def test_every_method_has_equally_many_trials_and_the_leading_one_what_is_left(tmp_path: Path) -> None:
    one = searcher(tmp_path, study(budget={"trials": 11}))
    start = one.bracket(0, 8)
    tell_full_endings(one, start, 0)
    later = one.bracket(1, 3)
    assert Counter(suggestion.method for suggestion in start) == {"lora": 4, "ia3": 4}
    assert Counter(suggestion.method for suggestion in later) == {"lora": 2, "ia3": 1}  # lora leads


def test_an_enqueued_trial_counts_for_its_method(tmp_path: Path) -> None:
    points = [{"method": "lora", "r": 8}, {"method": "lora", "r": 4}]
    config = study(budget={"trials": 8}, enqueue=points, search={"startup_per_method": 1})
    bracket = searcher(tmp_path, config).bracket(0, 8)
    assert Counter(suggestion.method for suggestion in bracket) == {"lora": 4, "ia3": 4}


def test_later_trials_are_nearer_to_where_their_method_is_good_than_the_start(tmp_path: Path) -> None:
    one = searcher(tmp_path, study(budget={"trials": 16}))
    start = one.bracket(0, 8)
    tell_full_endings(one, start, 0)
    later = [planted(s) for s in one.bracket(1, 8) if s.method == "lora"]
    assert fmean(later) < fmean(planted(s) for s in start if s.method == "lora")


def tell_full_endings(searcher: Searcher, suggestions: Sequence[Suggestion], first: int) -> None:
    for number, suggestion in enumerate(suggestions, start=first):
        spec = make_spec(study(), number, suggestion.method, suggestion.values, 0, traits_of)
        point = ValidationPoint(9, planted(suggestion), 1.0, 1.0)
        searcher.tell(TrialResult(spec, TrialState.COMPLETE, (point,)))
