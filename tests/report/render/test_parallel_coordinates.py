"""Parallel coordinates and slices: whose trials are drawn, and where."""

import re
from dataclasses import replace

from astraios_ray.records import StudyRecord, TrialResult
from astraios_ray.report.analysis.leaderboard import leaderboard
from astraios_ray.report.render.parallel_coordinates import BOTTOM, TOP, parallel_coordinates
from astraios_ray.report.render.relations import loss_against_others
from tests.fakes.study_records import record, result

RANGE = {"min": 1e-4, "max": 1e-2, "log": True, "step": None}


def trial(number: int, rate: float, r: int, loss: float) -> TrialResult:
    plain = result(number, losses={200: loss})
    recipe = replace(plain.spec.recipe, learning_rate=rate)
    return replace(plain, spec=replace(plain.spec, recipe=recipe, hyperparameters={"r": r}))


def study(*trials: TrialResult) -> StudyRecord:
    return record(*trials, defaults={"learning_rate": RANGE}, methods={"lora": {"r": {"values": [4, 8, 16]}}})


THREE = (trial(0, 1e-4, 4, 1.0), trial(1, 1e-3, 8, 2.0), trial(2, 1e-2, 16, 3.0))


def test_a_line_goes_through_every_parameter_to_the_loss() -> None:
    (picture,) = parallel_coordinates(leaderboard(study(*THREE)))
    lines = [re.findall(r",([\d.]+)", points) for points in re.findall(r'points="([^"]+)"', picture.svg)]
    assert [[float(height) for height in line] for line in lines] == [
        [TOP, TOP, TOP],  # the largest rate and size, the worst loss: the first that is drawn
        [(TOP + BOTTOM) / 2] * 3,
        [BOTTOM] * 3,
    ]


def test_the_better_third_has_the_colour_of_its_method() -> None:
    (picture,) = parallel_coordinates(leaderboard(study(*THREE)))
    assert picture.svg.count('stroke="var(--m0)"') == 1
    assert picture.caption == "3 trials at step 200; in colour the better third by loss"


def test_two_trials_make_no_picture() -> None:
    board = leaderboard(study(*THREE[:2]))
    assert parallel_coordinates(board) == loss_against_others(board) == []


def test_a_parameter_that_was_drawn_has_a_slice_of_its_own() -> None:
    (picture,) = loss_against_others(leaderboard(study(*THREE)))
    assert picture.caption == "by r: 3 trials, 3 at full length (filled)"
    assert [option in picture.svg for option in (">4<", ">8<", ">16<")] == [True] * 3
