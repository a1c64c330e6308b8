"""Which trials are scored downstream."""

from collections.abc import Sequence
from typing import Any

from astraios_ray.config.study import EvaluateConfig
from astraios_ray.records import (
    Checkpoint,
    DataRef,
    ModelRef,
    Recipe,
    TrialResult,
    TrialSpec,
    TrialState,
    ValidationPoint,
)
from astraios_ray.search.finalists import finalists

COMPLETE, STOPPED = TrialState.COMPLETE, TrialState.STOPPED


def ended(
    number: int,
    method: str,
    loss: float,
    state: TrialState = COMPLETE,
    *,
    step: int = 9,
    audited: bool = False,
) -> TrialResult:
    spec = TrialSpec("study", number, method, {}, Recipe(), ModelRef("model"), DataRef("data"))
    points = (ValidationPoint(step, loss, loss, 1.0),)
    checkpoint = Checkpoint(f"/nowhere/{number}", step)
    return TrialResult(spec, state, points, checkpoint=checkpoint, audited=audited)


RESULTS = (
    ended(0, "lora", 0.50),
    ended(1, "lora", 0.30),
    ended(2, "ia3", 0.40),
    ended(3, "ia3", 0.60, audited=True),
    ended(4, "lora", 0.10, STOPPED, step=3),
    ended(5, "full", 0.90, STOPPED, step=3),
    ended(6, "full", 0.95, STOPPED, step=6),
    ended(7, "full", 0.80, STOPPED, step=3),
)


def finalist_numbers(results: Sequence[TrialResult] = RESULTS, **evaluate: Any) -> list[int]:
    config = {"tasks": ["primer"], "top": 0, "per_method": 0, "audited": False, **evaluate}
    return [result.spec.number for result in finalists(results, EvaluateConfig.model_validate(config))]


def test_the_top_are_the_best_of_those_that_trained_in_full() -> None:
    assert finalist_numbers(top=2) == [1, 2]


def test_a_trial_that_was_stopped_is_never_top() -> None:
    assert finalist_numbers(top=99) == [1, 2, 0, 3]


def test_every_method_has_its_best_in_full_where_there_is_one() -> None:
    assert finalist_numbers(per_method=1) == [1, 2, 6]


def test_of_a_method_that_was_always_stopped_the_one_that_got_furthest_is_taken() -> None:
    assert finalist_numbers(RESULTS[5:], per_method=2) == [6, 7]


def test_audited_losers_are_scored_when_asked_for() -> None:
    assert finalist_numbers(audited=True) == [3]


def test_an_audited_trial_that_did_not_finish_is_not_scored() -> None:
    assert finalist_numbers([ended(0, "lora", 0.5, STOPPED, audited=True)], audited=True) == []


def test_nobody_is_chosen_twice() -> None:
    assert finalist_numbers(top=4, per_method=2, audited=True) == [1, 2, 0, 3, 6, 7]


def test_all_are_those_with_a_loss_and_a_checkpoint() -> None:
    without_checkpoint = TrialResult(RESULTS[0].spec, STOPPED, RESULTS[0].points)
    broken = [ended(8, "lora", 0.1, TrialState.DIVERGED), ended(9, "lora", 0.1, TrialState.FAILED)]
    assert finalist_numbers([without_checkpoint, *broken, *RESULTS[4:6]], which="all") == [4, 5]


def test_none_are_none() -> None:
    assert finalist_numbers(top=9, per_method=9, audited=True, which="none") == []


def test_without_a_task_nobody_is_asked() -> None:
    assert finalist_numbers(top=9, per_method=9, tasks=[]) == []


def test_of_equal_losses_the_order_is_that_of_the_trials() -> None:
    assert finalist_numbers([ended(2, "lora", 0.5), ended(1, "lora", 0.5)], top=1) == [2]
