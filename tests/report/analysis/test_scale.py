"""Methods as the base model grows."""

from dataclasses import replace

import pytest

from astraios_ray.report.analysis.leaderboard import Leaderboard, leaderboard
from astraios_ray.report.analysis.scale import MethodOrder, Scale, base_parameters, scale
from tests.fakes.sized_studies import SIZES, lawful, sized
from tests.fakes.study_records import record, result, score

METHODS = ("lora", "ia3", "full", "parallel", "adapter_h")
PLANTED = dict(zip(METHODS, (0.1, 0.06, 0.12, 0.09, 0.08), strict=True))


def order_of(growth: Scale, quality: str, smaller: int, larger: int) -> MethodOrder:
    return next(o for o in growth.orders if (o.quality, o.smaller, o.larger) == (quality, smaller, larger))


def configured(boards: dict[str, Leaderboard], name: str, **config: object) -> dict[str, Leaderboard]:
    changed = replace(boards[name].record, config={**boards[name].record.config, **config})
    return {**boards, name: leaderboard(changed)}


def test_every_method_has_its_planted_law() -> None:
    laws = {law.method: law for law in scale(lawful(0, PLANTED)).laws}
    assert {name: law.fit and law.fit.exponent for name, law in laws.items()} == pytest.approx(PLANTED)
    assert all(len(law.points) == len(SIZES) for law in laws.values())


def test_losses_are_foretold_as_far_above_the_largest_as_that_is_above_the_next() -> None:
    growth = scale(lawful(0, PLANTED))
    assert growth.at and growth.at == pytest.approx(SIZES[-1] ** 2 / SIZES[-2])
    assert [law.next and law.next.value for law in growth.laws] == pytest.approx(
        [3 * growth.at**-exponent for exponent in PLANTED.values()]
    )


def test_losses_are_foretold_at_the_size_that_is_asked_for() -> None:
    (law,) = scale(lawful(0, {"lora": 0.1}), at=1e9).laws
    assert law.next and law.next.value == pytest.approx(3 * 1e9**-0.1)


def test_the_largest_size_left_out_is_foretold_from_the_others() -> None:
    (law,) = scale(lawful(0, {"lora": 0.1})).laws
    assert law.left_out and law.left_out.measurement.size == SIZES[-1]
    assert law.left_out.error == pytest.approx(0.0, abs=1e-12)


def test_a_loss_that_falls_no_further_is_caught_by_the_size_left_out() -> None:
    (law,) = scale(sized({"lora": (1.5, 1.2, 1.1, 1.1)})).laws
    assert law.left_out and law.left_out.error < -0.05
    (exact,) = scale(sized({"lora": (1.6, 1.3, 1.177, 1.6)})).laws
    assert exact.left_out and exact.left_out.interval_holds is False


def test_a_method_that_one_size_lacks_is_fitted_through_the_others() -> None:
    boards = lawful(0, {"lora": 0.1})
    both_methods = lawful(0, {"lora": 0.1, "ia3": 0.05})
    last = list(boards)[-1]
    by_method = {law.method: law for law in scale({**both_methods, last: boards[last]}).laws}
    assert len(by_method["ia3"].points) == len(SIZES) - 1
    assert by_method["ia3"].fit and by_method["ia3"].fit.exponent == pytest.approx(0.05)


def test_of_two_studies_of_one_size_the_lower_loss_counts() -> None:
    boards = {
        **sized({"lora": (1.5, 1.2)}, SIZES[:2]),
        "again": sized({"lora": (1.4,)}, SIZES[:1])["at100000"],
    }
    (law,) = scale(boards).laws
    assert [point.loss for point in law.points] == [1.4, 1.2]


def test_losses_of_other_data_or_lengths_follow_no_law_but_orders_are_still_compared() -> None:
    boards = lawful(0, PLANTED)
    growth = scale(configured(boards, "at900000", data={"train": "other.jsonl"}))
    assert growth.different == ("data",) and growth.laws == () and growth.orders
    longer = configured(boards, "at900000", training={"max_steps": 400})
    assert scale(longer).different == ("training.max_steps",)


def test_the_best_at_the_smallest_has_a_place_at_the_largest() -> None:
    growth = scale(sized({"lora": (1.0, 0.9), "ia3": (1.1, 0.8), "full": (1.2, 0.95)}, SIZES[:2]))
    order = order_of(growth, "validation loss", *SIZES[:2])
    assert (order.first, order.place, order.methods) == ("lora", 2, 3)
    assert order.gap == pytest.approx(0.1)
    assert order.agreement is None  # three methods have no order to speak of


def test_orders_are_compared_for_each_task() -> None:
    losses = {name: (1.0 + n, 1.0 + n) for n, name in enumerate(METHODS)}
    shares = {name: (score(0.5 - 0.1 * n), score(0.1 + 0.1 * n)) for n, name in enumerate(METHODS)}
    growth = scale(sized(losses, SIZES[:2], shares))
    by_loss, by_task = (order_of(growth, name, *SIZES[:2]) for name in ("validation loss", "primer"))
    assert by_loss.agreement and by_loss.agreement.spearman == pytest.approx(1)
    assert by_task.agreement and by_task.agreement.spearman == pytest.approx(-1)
    assert (by_task.first, by_task.place) == ("lora", 5) and by_task.gap == pytest.approx(0.4)


def test_the_size_is_what_full_fine_tuning_trains_where_it_was_not_recorded() -> None:
    trial = result(0, "full", losses={200: 1.0})
    assert base_parameters(leaderboard(record(trial))) == trial.cost.trainable_parameters
    assert base_parameters(leaderboard(record(result(0, "lora", losses={200: 1.0})))) is None


def test_one_size_says_nothing_of_scale() -> None:
    growth = scale(lawful(0, PLANTED, sizes=SIZES[:1]))
    assert (growth.laws, growth.orders, growth.at) == ((), (), None)


def test_studies_without_a_measured_trial_do_no_harm() -> None:
    boards = {**lawful(0, PLANTED), "empty": leaderboard(record())}
    assert scale(boards).sizes["empty"] is None and len(scale(boards).laws) == len(METHODS)
