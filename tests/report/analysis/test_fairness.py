"""Every difference between methods that is not the method has a warning with a name."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from astraios_ray.records import TrainingSetup
from astraios_ray.report.analysis.conditions import MethodConditions, board_conditions
from astraios_ray.report.analysis.fairness import fairness
from astraios_ray.report.analysis.leaderboard import leaderboard
from tests.fakes.study_records import quickstart, record, result
from tests.fakes.unfair_studies import UNFAIR, unfair_record

BF16 = {"weights": "bfloat16", "moments": "bfloat16"}


def methods(**unequal: Any) -> list[MethodConditions]:
    """Four equal methods, the first of which has other conditions."""
    equal = MethodConditions(
        "first",
        weights="float32",
        moments="float32",
        base="fp32",
        template="astraios",
        text_front=(),
        prompt_front=(),
        learning_rates=(1e-4, 1e-2),
        size_values=3,
        trials=4,
        full_length=1,
        steps=(300, 180),
        recipe={"batch_size": "12"},
    )
    others = [replace(equal, method=name) for name in ("second", "third", "fourth")]
    return [replace(equal, **unequal), *others]


def names(conditions: Sequence[MethodConditions]) -> dict[str, tuple[str, ...]]:
    return {warning.name: warning.methods for warning in fairness(conditions).warnings}


def test_equal_conditions_have_no_warning() -> None:
    assert names(methods()) == {}


def test_what_belongs_to_a_method_has_no_warning() -> None:
    rates = {"learning_rates": (1e-6, 1e-4), "best_rate": 1e-5}
    size = {"parameters": (1, 2), "targets": ("mlp.c_proj",), "size_values": None}
    assert names(methods(**rates, **size)) == {}


@pytest.mark.parametrize(
    ("name", "unequal"),
    [
        ("unequal_precision", BF16),
        ("unequal_precision", {"moments": "uint8"}),
        ("unequal_base", {"base": "fp32, int8"}),
        ("unequal_template", {"template": "chat"}),
        ("unequal_batch_size", {"recipe": {"batch_size": "24"}}),
        ("unequal_trials", {"trials": 7}),
        ("unequal_enqueue", {"enqueued": 1}),
        ("fixed_learning_rate", {"learning_rates": (1e-3, 1e-3)}),
        ("narrow_learning_rates", {"learning_rates": (1e-3, 1e-2)}),
        ("learning_rate_at_edge", {"at_edge": True, "best_rate": 1e-2}),
        ("fixed_size", {"size_values": 1}),
        ("no_full_length", {"full_length": 0}),
        ("bos_not_as_trained", {"prompt_front": ("<s>",)}),
    ],
)
def test_a_difference_has_a_warning_that_names_the_method(name: str, unequal: dict[str, Any]) -> None:
    assert names(methods(**unequal)) == {name: ("first",)}


def test_methods_that_train_on_other_special_tokens_are_named() -> None:
    assert names(methods(text_front=("<s>",), prompt_front=("<s>",))) == {"unequal_bos": ("first",)}


@pytest.mark.parametrize(("trials", "warned"), [(5, False), (6, False), (7, True)])
def test_trials_are_unequal_from_half_as_many_more(trials: int, warned: bool) -> None:
    assert ("unequal_trials" in names(methods(trials=trials))) == warned


def test_weights_that_adapters_cannot_change_are_named_with_the_methods() -> None:
    experts = ("mlp.experts.down_proj",)
    conditions = [replace(methods()[0], out_of_reach=experts), *methods()[1:]]
    (warning,) = fairness(conditions).warnings
    assert (warning.name, warning.methods) == ("weights_out_of_reach", (conditions[0].method,))
    assert "mlp.experts.down_proj" in warning.words


def test_what_is_not_known_is_no_difference() -> None:
    unknown = {"weights": "", "moments": "", "base": "", "text_front": None, "learning_rates": None}
    assert names(methods(**unknown, size_values=None, recipe=None)) == {}


def test_a_study_of_one_method_compares_nothing() -> None:
    assert names(methods(at_edge=True, best_rate=1e-2)[:1]) == {}


def test_the_record_of_an_unfair_study_has_each_difference() -> None:
    found = names(board_conditions(leaderboard(unfair_record())))
    assert {name: found.get(name) for name in UNFAIR} == UNFAIR


def test_precision_and_special_tokens_come_from_what_the_trainer_recorded() -> None:
    setups = {
        "lora": TrainingSetup({"r": 8}, ("attn.c_attn",), "float32", "float32", ()),
        "full": TrainingSetup({}, ("every weight",), "bfloat16", "bfloat16", ("<s>",)),
    }
    trials = [
        replace(result(number, method, losses={200: 1.0}), setup=setup)
        for number, (method, setup) in enumerate(setups.items())
    ]
    study = replace(record(*trials, methods=dict.fromkeys(setups)), prompt_front=())
    warnings = names(board_conditions(leaderboard(study)))
    assert warnings.keys() == {"unequal_precision", "unequal_bos", "bos_not_as_trained"}
    assert warnings["bos_not_as_trained"] == ("full",)


def test_a_record_without_setups_and_ranges_has_no_false_warning() -> None:
    assert names(board_conditions(leaderboard(quickstart()))) == {}
