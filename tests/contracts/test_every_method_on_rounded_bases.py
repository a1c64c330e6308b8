"""The contract of every method on a base that bitsandbytes quantised to int8 or nf4."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast

from astraios_ray.errors import ConfigError
from astraios_ray.methods import METHODS, build, load_tuned, traits_of
from astraios_ray.models.load_base import DTYPES, Base, load_base
from astraios_ray.records import ModelRef
from astraios_ray.shared_pass.chunked_loss import mean_losses, next_tokens
from astraios_ray.shared_pass.shared_forward import together
from astraios_ray.training.randomness import RandomStream
from tests.contracts.trained import Trained, trained_on
from tests.fakes.cpus import cpu_with_avx512_bf16
from tests.fakes.tiny_models import SMALL, logits_of, moved, tiny_model, tokens, train

ROUNDED = [("int8", "fp32", ""), ("int8", "bf16", ""), ("nf4", "fp32", ""), ("nf4", "bf16", ""),
           ("nf4", "fp32", "avx512bf16"), ("nf4", "bf16", "avx512bf16")]  # fmt: skip
PEFT = [name for name in METHODS if not traits_of(name, SMALL.get(name, {})).trains_whole_model]


@pytest.fixture(scope="module", params=ROUNDED, ids="-".join)
def base(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Base]:
    quantization, dtype, cpu = request.param
    with cpu_with_avx512_bf16(bool(cpu)):
        yield rounded(tmp_path_factory.mktemp("model"), dtype, quantization)


def rounded(folder: Path, dtype: str, quantization: str) -> Base:
    model: Any = tiny_model()
    model.save_pretrained(folder)
    vocabulary = Tokenizer(models.WordLevel({"<end>": 0}, unk_token="<end>"))
    PreTrainedTokenizerFast(tokenizer_object=vocabulary, eos_token="<end>").save_pretrained(folder)
    loaded = load_base(ModelRef(str(folder), dtype=dtype, quantization=quantization))
    loaded.model(tokens())  # bitsandbytes arranges its weights at the first call
    return loaded


def test_a_rounded_base_is_near_the_one_it_was_made_from(base: Base) -> None:
    exact, rounded = tiny_model()(tokens()).logits, base.model(tokens()).logits.float()
    assert float((exact - rounded).norm() / exact.norm()) < {"int8": 0.02, "nf4": 0.2}[base.ref.quantization]


def test_its_linear_layers_are_kept_as_whole_numbers(base: Base) -> None:
    weight = base.model.get_submodule("transformer.h.0.mlp.c_fc").weight
    assert isinstance(weight, torch.Tensor) and not weight.dtype.is_floating_point


def test_validation_computes_what_training_computes(base: Base) -> None:
    """Nearly for int8 on a CPU, where bitsandbytes rounds a layer's inputs in evaluation mode alone."""
    layer: Any = base.model.get_submodule("transformer.h.0.mlp.c_fc")
    hidden = torch.randn(3, layer.in_features).to(DTYPES[base.ref.dtype])
    with torch.no_grad():
        validating = layer(hidden)
    training = layer.train()(hidden.requires_grad_()).detach()
    layer.eval()
    difference = float((validating - training).norm() / training.norm())
    assert difference == 0 if base.ref.quantization == "nf4" else difference < 0.02


@torch.no_grad()
def test_a_row_does_not_depend_on_its_neighbours(base: Base) -> None:
    row, neighbour = tokens(rows=1), tokens(rows=1, seed=5)
    single, batched = base.model(row).logits, base.model(torch.cat([row, neighbour])).logits[:1]
    assert torch.allclose(single, batched, atol=1e-5 if base.ref.dtype == "fp32" else 1e-2)


@pytest.fixture(scope="module", params=PEFT)
def trained(base: Base, request: pytest.FixtureRequest) -> Trained:
    """A trained method on the base. No test may change it."""
    return trained_on(base.model, base.target_modules, request.param)


def test_a_method_trains_on_it_and_leaves_it_alone(trained: Trained) -> None:
    assert trained.losses[-1] < trained.losses[0]
    trainable = trained.tuned.trainable()
    assert all(p.dtype == torch.float32 and p.grad is not None for p in trainable.values())
    trained.watch.check()


def test_saved_and_loaded_again_it_has_the_same_logits(trained: Trained, tmp_path: Path) -> None:
    trained.tuned.save(tmp_path)
    loaded = load_tuned(trained.base, trained.target_modules, tmp_path)
    assert torch.allclose(logits_of(loaded), logits_of(trained.tuned), atol=1e-6)


def test_in_a_shared_pass_each_has_the_loss_that_it_has_alone(base: Base) -> None:
    """In bf16 too: both add an update to a layer's output before the sum is rounded."""
    names = [name for name in PEFT if name != "p_tuning"]
    tuned = moved(base.model, "GPTBigCode", [(name, SMALL.get(name, {})) for name in names], by=0.5)
    ids = tokens()
    batch = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": ids}
    draws = [RandomStream(0, "cpu").at(0) for _ in tuned]
    with together(tuned, draws, training=False) as shared, torch.no_grad():
        losses = [float(loss) for loss in shared.losses([batch] * len(tuned))]
    for name, each, loss in zip(names, tuned, losses, strict=True):
        with each.attached(), torch.no_grad():
            call = partial(each.model, input_ids=ids, use_cache=False)
            separate = float(mean_losses(each.model, call, [next_tokens(ids)])[0])
        assert loss == pytest.approx(separate, rel=1e-6 if base.ref.dtype == "fp32" else 5e-6), name


def test_dora_trains_and_other_trials_go_on(base: Base) -> None:
    dora = build("lora", {"r": 3, "dora": True}).apply(base.model, base.target_modules, 0)
    before = base.model(tokens()).logits
    losses = train(dora, (0, 0, 0))
    assert losses[-1] < losses[0]
    assert torch.equal(base.model(tokens()).logits, before)


def test_nothing_is_merged_into_rounded_weights(base: Base) -> None:
    assert build("lora", {"r": 3}).apply(base.model, base.target_modules, 0).merge() is None


def test_a_start_at_rounded_weights_is_refused(base: Base) -> None:
    with pytest.raises(ConfigError, match="init pissa decomposes the base's weights, which"):
        build("lora", {"init": "pissa"}).apply(base.model, base.target_modules, 0)


def test_full_fine_tuning_of_a_rounded_base_is_refused(base: Base) -> None:
    with pytest.raises(ConfigError, match="'full' cannot train a quantised base"):
        build("full", {}).apply(base.model, base.target_modules, 0)
