"""Methods of the peft library by type, as ``peft:<TYPE>``."""

import pytest

from astraios_ray.errors import ConfigError, UnknownName
from astraios_ray.methods import build, count_parameters, hyperparameters_of
from astraios_ray.methods.peft_type import CONFIGS, REFUSED, SHARING
from tests.contracts.base_watch import Watch
from tests.fakes.tiny_models import target_modules_of, tiny_model

TARGET_MODULES = target_modules_of("Llama")


def test_every_type_of_this_peft_is_shared_or_refused_or_gets_a_base_of_its_own() -> None:
    assert not set(SHARING) & set(REFUSED)
    assert set(CONFIGS) >= set(SHARING) | set(REFUSED)


def test_its_own_hyperparameters_are_offered_without_pefts_book_keeping() -> None:
    offered = hyperparameters_of("peft:VERA")
    assert offered["d_initial"].default == 0.1
    assert not {"task_type", "inference_mode", "peft_version"} & set(offered)


def test_an_unknown_hyperparameter_is_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'd_initial'"):
        build("peft:VERA", {"d_inital": 0.2})


def test_an_unknown_type_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'peft:VERA'"):
        build("peft:vera", {})


@pytest.mark.parametrize("kind", REFUSED)
def test_a_type_that_a_plain_step_cannot_train_is_refused_with_the_reason(kind: str) -> None:
    with pytest.raises(ConfigError, match=f"peft:{kind}' cannot be searched over: it {REFUSED[kind]}"):
        build(f"peft:{kind}", {})


def test_what_peft_refuses_is_a_config_error_in_its_words_and_leaves_the_base_whole() -> None:
    base = tiny_model("Llama")
    watch = Watch(base)
    with pytest.raises(ConfigError, match=r"peft:VBLORA': peft refuses: .*divisible"):
        build("peft:VBLORA", {}).apply(base, TARGET_MODULES, 0)
    watch.check()


def test_layers_can_be_chosen_by_a_regular_expression() -> None:
    tuned = build("peft:LORA", {"r": 2, "target_modules": r".*\.q_proj"}).apply(
        tiny_model("Llama"), TARGET_MODULES, 0
    )
    assert all("q_proj" in name for name in tuned.trainable())


def test_parameters_are_counted_on_the_meta_device() -> None:
    base = tiny_model("Llama").to("meta")
    assert count_parameters("peft:LORA", {"r": 3}, base, TARGET_MODULES) == count_parameters(
        "lora", {"r": 3}, base, TARGET_MODULES
    )
