"""Methods are made from their names."""

import pytest

from astraios_ray.errors import ConfigError, UnknownName
from astraios_ray.methods import METHODS, build, hyperparameters_of
from astraios_ray.methods.lora import Lora


def test_the_seven_methods_of_the_paper_are_known() -> None:
    assert {"adapter_h", "adapter_p", "full", "ia3", "lora", "p_tuning", "parallel"} <= set(METHODS)


def test_a_method_is_made_with_its_hyperparameters() -> None:
    assert build("lora", {"r": 4, "dropout": 0}) == Lora(r=4, dropout=0)


def test_an_unknown_method_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'lora'"):
        build("lorra", {})


def test_an_unknown_family_is_no_method() -> None:
    with pytest.raises(UnknownName, match=r"'pfet'.*Did you mean 'peft'"):
        build("pfet:VERA", {})


def test_a_value_of_another_type_is_refused_before_anything_is_made() -> None:
    with pytest.raises(ConfigError, match="'lora': r: found '8', expected int"):
        build("lora", {"r": "8"})


@pytest.mark.parametrize(
    ("method", "values"),
    [
        ("lora", {"r": 0}),
        ("lora", {"dropout": 1.0}),
        ("p_tuning", {"virtual_tokens": 0}),
        ("adapter_h", {"bottleneck": 0}),
        ("parallel", {"scaling": float("nan")}),
    ],
)
def test_a_value_out_of_range_is_refused(method: str, values: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match="expected"):
        build(method, values)


def test_hyperparameters_come_with_type_and_default() -> None:
    field = hyperparameters_of("adapter_h")["init"]
    assert (field.words, field.default) == ("'bert' | 'mam'", "bert")
