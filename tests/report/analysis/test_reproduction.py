"""A rerun beside its record."""

from dataclasses import replace
from math import nan

import pytest

from astraios_ray.records import ModelRef, Provenance, Score, TrialResult, TrialState, ValidationPoint
from astraios_ray.report.analysis.reproduction import Match, Reproduction, reproduction
from tests.fakes.study_records import result, score

HERE = Provenance({"torch": "2.13.0"}, "3.11.7", "this machine", "abc", False)
LOSSES = {100: 1.5, 200: 1.2}


def compared(recorded: TrialResult, again: TrialResult, tolerance: float | None = None) -> Reproduction:
    return reproduction(recorded, again, tolerance=tolerance, then=HERE, now=HERE)


def solving(*shares: float) -> Score:
    bare = score(sum(shares) / len(shares), 0.2, problems=len(shares))
    return replace(bare, solved={f"p{place}": share for place, share in enumerate(shares)})


@pytest.mark.parametrize(
    ("last", "match"),
    [(1.2, Match.SAME), (1.2 * 1.0009, Match.WITHIN), (1.2 * 1.0011, Match.DIFFERENT)],
)
def test_a_loss_may_differ_by_a_thousandth(last: float, match: Match) -> None:
    rerun = compared(result(0, losses=LOSSES), result(0, losses={100: 1.5, 200: last}))
    assert rerun.match is match
    assert rerun.furthest and (match is Match.SAME or rerun.furthest.step == 200)


def test_the_tolerance_can_be_chosen() -> None:
    recorded, again = result(0, losses={200: 1.0}), result(0, losses={200: 1.05})
    assert compared(recorded, again, 0.1).match is Match.WITHIN
    assert compared(recorded, again, 0.01).match is Match.DIFFERENT


@pytest.mark.parametrize("model", [ModelRef("m", dtype="bf16"), ModelRef("m", quantization="nf4")])
def test_coarser_numbers_may_differ_more(model: ModelRef) -> None:
    recorded = result(0, losses={200: 1.0})
    recorded = replace(recorded, spec=replace(recorded.spec, model=model))
    assert compared(recorded, result(0, losses={200: 1.009})).match is Match.WITHIN


def test_a_rerun_that_does_not_get_there_is_different() -> None:
    rerun = compared(result(0, losses=LOSSES), result(0, losses={100: 1.5}))
    assert rerun.match is Match.DIFFERENT and rerun.furthest and rerun.furthest.again is None


def test_more_losses_than_were_recorded_are_no_difference() -> None:
    assert compared(result(0, losses={100: 1.5}), result(0, losses=LOSSES)).match is Match.SAME


def test_a_trial_that_diverged_must_diverge_again() -> None:
    diverged = replace(result(0, losses={100: 1.5}), state=TrialState.DIVERGED)
    diverged = replace(diverged, points=(*diverged.points, ValidationPoint(200, nan, nan, 1.0)))
    assert compared(diverged, diverged).match is Match.SAME
    assert compared(diverged, result(0, losses=LOSSES)).match is Match.DIFFERENT
    assert compared(result(0, losses=LOSSES), diverged).match is Match.DIFFERENT


def test_a_trial_that_failed_before_it_was_measured_matches_when_it_fails_again() -> None:
    failed = replace(result(0), state=TrialState.FAILED)
    assert compared(failed, failed).match is Match.SAME
    assert compared(failed, result(0, losses=LOSSES)).match is Match.DIFFERENT


@pytest.mark.parametrize(
    ("again", "match", "problems"),
    [
        ((1.0, 0.5, 0.0), Match.SAME, 0),
        ((0.5, 1.0, 0.0), Match.WITHIN, 2),
        ((1.0, 1.0, 0.0), Match.WITHIN, 1),
        ((1.0, 1.0, 1.0), Match.DIFFERENT, 2),
    ],
)
def test_a_score_must_lie_in_its_recorded_interval(
    again: tuple[float, ...], match: Match, problems: int
) -> None:
    recorded = result(0, losses=LOSSES, scores=(solving(1.0, 0.5, 0.0),))
    rerun = compared(recorded, replace(recorded, scores=(solving(*again),)))
    (ranking,) = (score for score in rerun.scores if score.metric == "pass_at_1")
    assert (ranking.match, ranking.problems, ranking.of) == (match, problems, 3)
    assert rerun.match is match


def test_a_score_that_was_not_asked_for_again_is_not_compared() -> None:
    recorded = result(0, losses=LOSSES, scores=(solving(1.0, 0.0),))
    assert compared(recorded, replace(recorded, scores=())).scores == ()


def test_what_the_runs_were_made_with_is_named_where_it_changed() -> None:
    now = replace(HERE, packages={"torch": "2.14.0", "peft": "1"}, machine="another")
    recorded = result(0, losses=LOSSES)
    rerun = reproduction(recorded, recorded, then=HERE, now=now)
    assert rerun.changed == {
        "torch": ("2.13.0", "2.14.0"),
        "peft": (None, "1"),
        "machine": ("this machine", "another"),
    }
