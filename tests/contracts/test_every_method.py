"""The contract of every method, on every architecture. New methods are found by their files."""

from copy import deepcopy
from itertools import product
from pathlib import Path

import pytest
import torch
from torch import nn

from astraios_ray import methods
from astraios_ray.errors import ConfigError
from astraios_ray.methods import METHODS, TunedModel, build, hyperparameters_of, load_tuned, traits_of
from astraios_ray.models.target_modules import find_target_modules
from astraios_ray.records import MethodTraits
from tests.contracts.trained import Trained, trained_on
from tests.fakes.tiny_models import (
    ARCHITECTURES,
    SMALL,
    logits_of,
    optimizer_of,
    step,
    target_modules_of,
    tiny_model,
    tokens,
    train,
)

FILES = sorted(p.stem for p in Path(methods.__path__[0]).glob("*.py") if "@METHODS.add(" in p.read_text())

each_method = pytest.mark.parametrize("name", FILES)


@pytest.fixture(scope="module", params=product(FILES, ARCHITECTURES), ids="-".join)
def trained(request: pytest.FixtureRequest) -> Trained:
    """Every method on every architecture. No test may change it."""
    name, architecture = request.param
    return trained_on(tiny_model(architecture), target_modules_of(architecture), name)


def tuned(name: str, base: nn.Module, seed: int = 0) -> TunedModel:
    """The method in a small size, on ``base`` or on a copy where it does not share."""
    method = build(name, SMALL.get(name, {}))
    model = base if method.traits.shares_base else deepcopy(base)
    return method.apply(model, find_target_modules(base, None), seed)


def traits(name: str) -> MethodTraits:
    return traits_of(name, SMALL.get(name, {}))


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


def test_training_lowers_the_loss_and_the_gradient_reaches_everything(trained: Trained) -> None:
    assert trained.losses[-1] < trained.losses[0]
    for name, parameter in trained.tuned.trainable().items():
        assert parameter.grad is not None and parameter.grad.abs().sum() > 0, name


def test_after_training_a_detached_base_is_what_it_was(trained: Trained) -> None:
    trained.watch.check()
    assert torch.equal(trained.base(tokens()).logits, trained.plain)
    assert not torch.equal(logits_of(trained.tuned), trained.plain)


def test_saved_and_loaded_again_it_has_the_same_logits(trained: Trained, tmp_path: Path) -> None:
    trained.tuned.save(tmp_path)
    loaded = load_tuned(deepcopy(trained.base), trained.target_modules, tmp_path)
    assert torch.allclose(logits_of(loaded), logits_of(trained.tuned), atol=1e-6, rtol=0)
    assert list(loaded.trainable()) == list(trained.tuned.trainable())


def test_merged_it_has_the_same_logits_or_it_says_that_it_cannot(trained: Trained) -> None:
    merged = trained.tuned.merge()
    assert (merged is not None) is traits(trained.tuned.origin.method).merges
    if merged is not None:
        assert torch.allclose(merged(tokens()).logits, logits_of(trained.tuned), atol=1e-6, rtol=0)
    trained.watch.check()


def test_it_packs_and_takes_the_whole_model_as_it_says(trained: Trained) -> None:
    says, counted = traits(trained.tuned.origin.method), sum(p.numel() for p in trained.base.parameters())
    assert trained.tuned.packs is says.packs
    assert (trained.tuned.count == counted) is says.trains_whole_model
    assert not (says.trains_whole_model and says.shares_base)


def test_neighbours_on_the_same_base_change_nothing() -> None:
    """Train each method by itself, then two of each in turns."""
    base, turns = tiny_model(), range(3)
    separate = {name: tuned(name, base) for name in FILES}
    losses = {name: train(tuned_model, turns) for name, tuned_model in separate.items()}
    neighbours, strangers = (
        {name: tuned(name, base) for name in FILES},
        [tuned(name, base, seed=3) for name in FILES],
    )
    optimizers = {name: optimizer_of(tuned_model) for name, tuned_model in neighbours.items()}
    their_optimizers = [optimizer_of(stranger) for stranger in strangers]
    taking_turns: dict[str, list[float]] = {name: [] for name in FILES}
    for number in turns:
        for name, stranger, optimizer in zip(FILES, strangers, their_optimizers, strict=True):
            taking_turns[name].append(step(neighbours[name], optimizers[name], number))
            step(stranger, optimizer, 50 + number)
    assert taking_turns == losses
    for name in FILES:
        expected, parameters = separate[name].trainable(), neighbours[name].trainable()
        assert all(torch.equal(expected[key], parameters[key]) for key in expected), name


@each_method
def test_making_it_leaves_the_random_generator_alone(name: str) -> None:
    base, state = tiny_model(), torch.get_rng_state()
    tuned(name, base)
    assert torch.equal(torch.get_rng_state(), state)


@each_method
def test_loading_goes_on_exactly_where_saving_stopped(name: str, tmp_path: Path) -> None:
    base = tiny_model()
    tuned_model, loaded = tuned(name, base), tuned(name, base, seed=9)
    train(tuned_model)
    tuned_model.save(tmp_path)
    loaded.load(tmp_path)
    assert train(loaded, (3, 4)) == train(tuned_model, (3, 4))


@pytest.mark.parametrize("name", [name for name in FILES if not traits(name).trains_whole_model])
def test_beside_a_bf16_base_what_is_trained_is_float32(name: str) -> None:
    base = tiny_model().to(torch.bfloat16)
    tuned_model = tuned(name, base)
    losses = train(tuned_model)
    assert {p.dtype for p in tuned_model.trainable().values()} == {torch.float32}
    assert all(torch.isfinite(torch.tensor(losses)))
    assert logits_of(tuned_model).dtype == torch.bfloat16
