"""The contract of every type of peft: what it says of itself is what is measured."""

from collections.abc import Mapping
from copy import deepcopy
from functools import partial
from pathlib import Path

import pytest
import torch

from astraios_ray.methods import TunedModel, build, load_tuned
from astraios_ray.methods.peft_type import CONFIGS, REFUSED
from astraios_ray.methods.tuned import Batch
from astraios_ray.records import MethodTraits, Value
from astraios_ray.shared_pass.chunked_loss import mean_losses, next_tokens
from astraios_ray.shared_pass.shared_forward import together
from astraios_ray.training.randomness import RandomStream
from tests.contracts.base_watch import Watch
from tests.fakes.tiny_models import (
    logits_of,
    moved,
    optimizer_of,
    step,
    target_modules_of,
    tiny_model,
    tokens,
    train,
)

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
TARGET_MODULES = target_modules_of("Llama")
LORA: tuple[str, Mapping[str, Value]] = ("lora", {"r": 3, "dropout": 0.2, "target": "all-linear"})

each_type = pytest.mark.parametrize("kind", sorted(CONFIGS.keys() - REFUSED.keys()))
pytestmark = pytest.mark.filterwarnings("ignore:Sparse")


def traits(kind: str) -> MethodTraits:
    return build(f"peft:{kind}", SMALL.get(kind, {})).traits


@each_type
def test_it_shares_the_base_as_it_says(kind: str) -> None:
    base = tiny_model("Llama")
    watch = Watch(base)
    train(build(f"peft:{kind}", SMALL.get(kind, {})).apply(base, TARGET_MODULES, 0))
    assert traits(kind).shares_base is _is_unchanged(watch)


def _is_unchanged(watch: Watch) -> bool:
    try:
        watch.check()
    except AssertionError:
        return False
    return True


@each_type
def test_its_losses_are_the_same_whoever_trains_beside_it(kind: str, tmp_path: Path) -> None:
    method, base = build(f"peft:{kind}", SMALL.get(kind, {})), tiny_model("Llama")
    state = torch.get_rng_state()
    single = method.apply(base, TARGET_MODULES, 0)
    assert torch.equal(torch.get_rng_state(), state)
    losses = train(single, (0, 1))
    first, second = method.apply(base, TARGET_MODULES, 0), method.apply(base, TARGET_MODULES, 5)
    first_optimizer, second_optimizer = optimizer_of(first), optimizer_of(second)
    first_loss = step(first, first_optimizer, 0)
    step(second, second_optimizer, 7)
    assert [first_loss, step(first, first_optimizer, 1)] == losses
    single.save(tmp_path)
    assert torch.allclose(logits_of(load_tuned(base, TARGET_MODULES, tmp_path)), logits_of(first), atol=1e-6)


@each_type
def test_it_merges_as_it_says_and_answers_as_before(kind: str) -> None:
    (tuned,) = moved(tiny_model("Llama"), "Llama", [(f"peft:{kind}", SMALL.get(kind, {}))], by=0.05)
    merged = tuned.merge()
    assert (merged is not None) is traits(kind).merges
    if merged is not None:
        assert torch.allclose(merged(tokens()).logits, logits_of(tuned), atol=1e-6)


@each_type
def test_it_shares_passes_as_it_says(kind: str) -> None:
    """Beside another of its type and, unless it has virtual tokens, beside LoRA, with its dropout."""
    base, entry = tiny_model("Llama"), (f"peft:{kind}", SMALL.get(kind, {}))
    tuned = moved(base, "Llama", [entry, entry], by=0.05)
    assert all(each.packs is traits(kind).packs for each in tuned)
    if not tuned[0].packs:
        assert _alone(tuned[0], 0) > 0
        return
    if not tuned[0].virtual_tokens:
        tuned.insert(1, *moved(base, "Llama", [LORA], by=0.05))
    assert _at_once(tuned) == pytest.approx([_alone(each, n) for n, each in enumerate(tuned)], abs=1e-6)


def _rows(owner: int) -> Batch:
    ids = tokens(2 + owner, seed=owner)
    labels = ids.clone()
    labels[:, 0] = -100  # alone, nothing predicts a row's first token
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": labels}


def _norm(tuned: TunedModel, loss: torch.Tensor) -> float:
    """A number that depends on the loss and on the gradient of each trained value."""
    gradients = torch.autograd.grad(loss, list(tuned.trainable().values()), retain_graph=True)
    return float(loss.detach()) + sum(float(gradient.double().norm()) for gradient in gradients)


def _alone(tuned: TunedModel, owner: int) -> float:
    with tuned.attached(), RandomStream(owner, "cpu").at(0):
        tuned.model.train()
        rows = _rows(owner)
        arguments = {name: tensor for name, tensor in rows.items() if name != "labels"}
        call = partial(tuned.model, **arguments, use_cache=False)
        result = _norm(tuned, mean_losses(tuned.model, call, [next_tokens(rows["labels"])])[0])
        tuned.model.eval()
    return result


def _at_once(tuned: list[TunedModel]) -> list[float]:
    draws = [RandomStream(owner, "cpu").at(0) for owner in range(len(tuned))]
    with together(tuned, draws, training=True) as shared:
        losses = shared.losses([_rows(owner) for owner in range(len(tuned))])
        return [_norm(each, loss) for each, loss in zip(tuned, losses, strict=True)]


def test_a_choice_that_rewrites_the_base_gets_a_base_of_its_own(tmp_path: Path) -> None:
    method, base = build("peft:LORA", {"r": 2, "init_lora_weights": "pissa"}), tiny_model("Llama")
    assert not method.traits.shares_base and not method.traits.packs
    watch = Watch(base)
    tuned = method.apply(deepcopy(base), TARGET_MODULES, 0)
    assert not tuned.packs
    train(tuned)
    tuned.save(tmp_path)
    watch.check()
    again = load_tuned(deepcopy(base), TARGET_MODULES, tmp_path)
    assert torch.allclose(logits_of(again), logits_of(tuned), atol=1e-6)
