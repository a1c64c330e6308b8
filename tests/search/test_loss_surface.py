"""The next trials of a method: drawn where losses were low, in its own ranges and in those of others."""

import math
from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean

import pytest

from astraios_ray.methods.method import traits_of
from astraios_ray.records import TrialResult, TrialState, ValidationPoint, Value
from astraios_ray.search.loss_surface import LossSurface
from astraios_ray.space.domains import Choice, Constant, Real, position
from astraios_ray.space.make_specs import make_spec
from astraios_ray.space.space import Space
from tests.fakes.studies import study

RATE = {"lora": Real(1e-4, 1e-2, log=True), "ia3": Real(1e-2, 1.0, log=True)}
SPACE: Space = {
    "lora": {"r": Choice((4, 8, 16)), "learning_rate": RATE["lora"], "alpha": Constant(16)},
    "ia3": {"learning_rate": RATE["ia3"]},
}
PLACES = (0.1, 0.3, 0.5, 0.7, 0.9)


def rate(method: str, place: float) -> float:
    """The learning rate at ``place`` of the range of ``method``."""
    return float(RATE[method].low * (RATE[method].high / RATE[method].low) ** place)


def ended(
    method: str, values: Mapping[str, Value], losses: Sequence[float], state: TrialState = TrialState.COMPLETE
) -> TrialResult:
    spec = make_spec(study(), 0, method, values, 0, traits_of)
    points = tuple(ValidationPoint(step, loss, loss, 1.0) for step, loss in enumerate(losses, start=1))
    return TrialResult(spec, state, points)


def parabola(method: str, best: float, r: int = 8) -> list[TrialResult]:
    """Trials at five places of the range, with the lowest loss at ``best``."""
    values: dict[str, Value] = {"r": r, "alpha": 16} if method == "lora" else {}
    return [
        ended(method, {**values, "learning_rate": rate(method, place)}, [math.exp((place - best) ** 2)])
        for place in PLACES
    ]


def places(results: Sequence[TrialResult], method: str) -> Iterator[float]:
    """Where in its range 60 draws have the learning rate."""
    for values in LossSurface(SPACE, results).draw(method, 60, [0]):
        place = position(RATE[method], values["learning_rate"])
        assert place is not None
        yield place


def test_the_same_seed_gives_the_same_draws_and_another_seed_others() -> None:
    results = parabola("lora", 0.5)
    assert LossSurface(SPACE, results).draw("lora", 3, [1, 2]) == LossSurface(SPACE, results).draw(
        "lora", 3, [1, 2]
    )
    assert LossSurface(SPACE, results).draw("lora", 3, [1, 2]) != LossSurface(SPACE, results).draw(
        "lora", 3, [1, 3]
    )


def test_without_results_draws_spread_over_the_space() -> None:
    drawn = LossSurface(SPACE, []).draw("lora", 60, [0])
    assert {values["r"] for values in drawn} >= {4, 16}
    assert {values["alpha"] for values in drawn} == {16}
    assert max(places([], "lora")) - min(places([], "lora")) > 0.8


@pytest.mark.parametrize("best", [0.3, 0.7])
def test_where_other_methods_are_good_in_their_ranges_is_tried_in_this_one(best: float) -> None:
    others = parabola("lora", best) * 4
    assert fmean(places(others, "ia3")) == pytest.approx(best, abs=0.2)


def test_the_trials_of_a_method_itself_outweigh_those_of_others() -> None:
    results = [*parabola("lora", 0.1), *parabola("ia3", 0.9)]
    assert fmean(places(results, "lora")) < 0.35
    assert fmean(places(results, "ia3")) > 0.65


def test_an_option_with_an_order_is_drawn_at_the_better_end() -> None:
    results = [
        ended("lora", {"r": r, "alpha": 16, "learning_rate": rate("lora", place)}, [3.0 - r / 10])
        for place in (0.2, 0.5, 0.8)
        for r in (4, 8, 16)
    ]
    drawn = [values["r"] for values in LossSurface(SPACE, results).draw("lora", 60, [0])]
    assert drawn.count(16) > 3 * drawn.count(4)


def test_an_option_without_an_order_has_a_level_of_its_own() -> None:
    space: Space = {"lora": {"init": Choice(("kaiming", "pissa")), "learning_rate": RATE["lora"]}}
    results = [
        ended("lora", {"init": init, "learning_rate": rate("lora", place)}, [loss])
        for place in PLACES
        for init, loss in (("kaiming", 2.0), ("pissa", 1.0))
    ]
    drawn = [values["init"] for values in LossSurface(space, results).draw("lora", 60, [0])]
    assert drawn.count("pissa") > 50


def test_a_trial_that_was_stopped_early_is_not_worse_for_that() -> None:
    values = [{"learning_rate": rate("ia3", place)} for place in PLACES]
    stopped = [ended("ia3", v, [3.0 - n / 10], TrialState.STOPPED) for n, v in enumerate(values[:4])]
    full = ended("ia3", values[4], [3.0, 2.0, 1.0])
    assert fmean(places([*stopped, full], "ia3")) == pytest.approx(0.7, abs=0.15)  # 0.9 was as bad as 0.1


def test_a_rate_at_which_trials_diverged_is_avoided() -> None:
    rates = [{"learning_rate": rate("ia3", place)} for place in (0.2, 0.4, 0.8, 0.9)]
    low = [ended("ia3", values, [1.0]) for values in rates[:2]]
    high = [ended("ia3", values, [math.inf], TrialState.DIVERGED) for values in rates[2:]]
    assert fmean(places([*high, *low], "ia3")) < 0.4
