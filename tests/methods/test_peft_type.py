"""Methods of the peft library by type, as ``peft:<TYPE>``."""

from copy import deepcopy
from pathlib import Path

import pytest
import torch

from astraios_ray.errors import ConfigError, UnknownName
from astraios_ray.methods import build, count_parameters, hyperparameters_of, load_tuned
from astraios_ray.methods.peft_type import CONFIGS, REFUSED, SHARING
from astraios_ray.models.target_modules import known_target_modules
from astraios_ray.records import Value
from tests.contracts.base_watch import Watch
from tests.fakes.tiny_models import logits_of, optimizer_of, step, tiny_model, tokens, train

# Sizes that fit a model of width 16; every other type is tested with its defaults.
SMALL: dict[str, dict[str, Value]] = {
    "ADAMSS": {"r": 8},
    "C3A": {"block_size": 4},
    "FOURIERFT": {"n_frequency": 20},
    "FROD": {"progressbar": False},
    "GRALORA": {"r": 4},
    "MISS": {"r": 2},
    "OFT": {"oft_block_size": 4},
    "OSF": {"effective_rank": 4},
    "PREFIX_TUNING": {"num_virtual_tokens": 4},
    "PROMPT_TUNING": {"num_virtual_tokens": 4},
    "PSOFT": {"r": 4},
    "PVERA": {"r": 8},
    "P_TUNING": {"num_virtual_tokens": 4},
    "RANDLORA": {"r": 4},
    "ROAD": {"group_size": 4},
    "SHIRA": {"r": 1},
    "TINYLORA": {"u": 4},
    "VBLORA": {"vector_length": 4, "num_vectors": 8},
    "VERA": {"r": 8},
    "WAVEFT": {"n_frequency": 20},
}
TARGET_MODULES = known_target_modules("Llama")


@pytest.mark.parametrize("kind", SHARING)
@pytest.mark.filterwarnings("ignore:Sparse")
def test_a_type_that_shares_its_base_leaves_it_alone_and_does_not_mind_company(
    kind: str, tmp_path: Path
) -> None:
    method, base = build(f"peft:{kind}", SMALL.get(kind, {})), tiny_model("Llama")
    assert method.traits.shares_base
    watch, state = Watch(base), torch.get_rng_state()
    single = method.apply(base, TARGET_MODULES, 0)
    assert torch.equal(torch.get_rng_state(), state)
    losses = train(single, (0, 1))
    first, second = method.apply(base, TARGET_MODULES, 0), method.apply(base, TARGET_MODULES, 5)
    first_optimizer, second_optimizer = optimizer_of(first), optimizer_of(second)
    first_loss, _, last_loss = (
        step(first, first_optimizer, 0),
        step(second, second_optimizer, 7),
        step(first, first_optimizer, 1),
    )
    assert [first_loss, last_loss] == losses
    assert single.packs is method.traits.packs
    assert (single.merge() is not None) is method.traits.merges
    single.save(tmp_path)
    assert torch.allclose(logits_of(load_tuned(base, TARGET_MODULES, tmp_path)), logits_of(first), atol=1e-6)
    watch.check()


@pytest.mark.parametrize("kind", ["LORA", "HRA", "LOHA", "VERA"])
def test_what_can_be_merged_has_the_same_logits_merged(kind: str) -> None:
    tuned = build(f"peft:{kind}", SMALL.get(kind, {})).apply(tiny_model("Llama"), TARGET_MODULES, 0)
    train(tuned)
    merged = tuned.merge()
    assert merged is not None
    assert torch.allclose(merged(tokens()).logits, logits_of(tuned), atol=1e-6)


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


def test_a_choice_that_rewrites_the_base_gets_a_base_of_its_own(tmp_path: Path) -> None:
    method, base = build("peft:LORA", {"r": 2, "init_lora_weights": "pissa"}), tiny_model("Llama")
    assert not method.traits.shares_base
    watch = Watch(base)
    tuned = method.apply(deepcopy(base), TARGET_MODULES, 0)
    train(tuned)
    tuned.save(tmp_path)
    watch.check()
    assert torch.allclose(
        logits_of(load_tuned(deepcopy(base), TARGET_MODULES, tmp_path)), logits_of(tuned), atol=1e-6
    )


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
