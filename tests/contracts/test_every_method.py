"""What every method must keep, on every architecture. A new method is covered by its file being there."""

from copy import deepcopy
from pathlib import Path

import pytest
import torch
from torch import nn

from astraios_ray import methods
from astraios_ray.errors import ConfigError
from astraios_ray.methods import METHODS, Tuned, build, hyperparameters_of, load_tuned
from astraios_ray.models.places import places_of
from tests.contracts.base_watch import Watch
from tests.fakes.tiny_models import (
    ARCHITECTURES,
    SMALL,
    logits_of,
    optimizer_of,
    step,
    tiny_model,
    tokens,
    train,
)

SHARED = {
    "__init__", "base", "bottleneck", "fields", "injection", "linear",
    "peft_type", "prompting", "stored", "through_peft", "tuned",
}  # fmt: skip
FILES = sorted(p.stem for p in Path(methods.__path__[0]).glob("*.py") if p.stem not in SHARED)
CAN_MERGE = {"full", "ia3", "lora"}

each_method = pytest.mark.parametrize("name", FILES)
each_architecture = pytest.mark.parametrize("architecture", ARCHITECTURES)


def tuned(name: str, base: nn.Module, seed: int = 0) -> Tuned:
    """The method in a small size, on ``base`` or on a copy where it does not share."""
    method = build(name, SMALL.get(name, {}))
    architecture = type(base).__name__
    return method.apply(base if method.shares_base else deepcopy(base), places_of(architecture), seed)


def test_each_file_registers_the_method_it_is_named_after() -> None:
    assert list(METHODS) == FILES


@each_method
def test_defaults_build(name: str) -> None:
    assert build(name, {}) == build(name, {})


@each_method
def test_defaults_are_the_fields_own(name: str) -> None:
    assert build(name, {f.name: f.default for f in hyperparameters_of(name).values()}) == build(name, {})


@each_method
def test_an_unknown_hyperparameter_is_named_in_the_error(name: str) -> None:
    with pytest.raises(ConfigError, match="no hyperparameter 'rnak'"):
        build(name, {"rnak": 8})


@each_architecture
@each_method
def test_training_lowers_the_loss_and_the_gradient_reaches_everything(name: str, architecture: str) -> None:
    made = tuned(name, tiny_model(architecture))
    optimizer = optimizer_of(made)
    losses = [step(made, optimizer, 0) for _ in range(6)]
    assert losses[-1] < losses[0]
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in made.trainable().values())


@each_architecture
@each_method
def test_after_training_a_detached_base_is_what_it_was(name: str, architecture: str) -> None:
    base = tiny_model(architecture)
    watch, plain = Watch(base), base(tokens()).logits
    made = tuned(name, base)
    watch.check()
    train(made)
    watch.check()
    assert torch.equal(base(tokens()).logits, plain)
    assert not torch.equal(logits_of(made), plain)


@each_architecture
@each_method
def test_saved_and_loaded_again_it_has_the_same_logits(name: str, architecture: str, tmp_path: Path) -> None:
    base = tiny_model(architecture)
    made = tuned(name, base)
    train(made)
    made.save(tmp_path)
    again = load_tuned(deepcopy(base), places_of(architecture), tmp_path)
    assert torch.allclose(logits_of(again), logits_of(made), atol=1e-6, rtol=0)
    assert list(again.trainable()) == list(made.trainable())


@each_architecture
@each_method
def test_merged_it_has_the_same_logits_or_it_says_that_it_cannot(name: str, architecture: str) -> None:
    base = tiny_model(architecture)
    watch, made = Watch(base), tuned(name, base)
    train(made)
    merged = made.merge()
    assert (merged is not None) is (name in CAN_MERGE)
    if merged is not None:
        assert torch.allclose(merged(tokens()).logits, logits_of(made), atol=1e-6, rtol=0)
    watch.check()


@each_method
def test_neighbours_on_the_same_base_change_nothing(name: str) -> None:
    base = tiny_model()
    alone = tuned(name, base)
    losses = train(alone)
    beside, others = tuned(name, base), [tuned(other, base, seed=3) for other in FILES]
    optimizer, their_optimizers = optimizer_of(beside), [optimizer_of(other) for other in others]
    taking_turns = []
    for number in range(3):
        taking_turns.append(step(beside, optimizer, number))
        for other, its in zip(others, their_optimizers, strict=True):
            step(other, its, 50 + number)
    assert taking_turns == losses
    for parameter, theirs in zip(alone.trainable().values(), beside.trainable().values(), strict=True):
        assert torch.equal(parameter, theirs)


@each_method
def test_making_it_leaves_the_random_generator_alone(name: str) -> None:
    base, before = tiny_model(), torch.get_rng_state()
    tuned(name, base)
    assert torch.equal(torch.get_rng_state(), before)


@each_method
def test_loading_goes_on_exactly_where_saving_stopped(name: str, tmp_path: Path) -> None:
    base = tiny_model()
    made, other = tuned(name, base), tuned(name, base, seed=9)
    train(made)
    made.save(tmp_path)
    other.load(tmp_path)
    assert train(other, (3, 4)) == train(made, (3, 4))


@pytest.mark.parametrize("name", sorted(set(FILES) - {"full"}))
def test_beside_a_bf16_base_what_is_trained_is_float32(name: str) -> None:
    base = tiny_model().to(torch.bfloat16)
    made = tuned(name, base)
    losses = train(made)
    assert {p.dtype for p in made.trainable().values()} == {torch.float32}
    assert all(torch.isfinite(torch.tensor(losses)))
    assert logits_of(made).dtype == torch.bfloat16
