"""A method's layers are attached to a base and detached again."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from astraios_ray.errors import ConfigError, TornFile
from astraios_ray.methods import TunedModel, build, load_tuned
from astraios_ray.methods.injection import injecting
from astraios_ray.methods.stored import METHOD_FILE, TENSOR_FILE
from tests.fakes.tiny_models import logits_of, target_modules_of, tiny_model, tokens, train

TARGET_MODULES = target_modules_of("GPTBigCode")


def lora(base: torch.nn.Module, r: int = 3, seed: int = 0) -> TunedModel:
    return build("lora", {"r": r}).apply(base, TARGET_MODULES, seed)


def test_attaching_and_detaching_twice_is_as_once() -> None:
    base = tiny_model()
    plain, tuned = base(tokens()).logits, lora(base)
    train(tuned)
    tuned.attach()
    tuned.attach()
    assert not torch.equal(base(tokens()).logits, plain)
    tuned.detach()
    tuned.detach()
    assert torch.equal(base(tokens()).logits, plain)


def test_a_second_tuned_cannot_be_attached_beside_the_first() -> None:
    base = tiny_model()
    first, second = lora(base), lora(base)
    with first.attached(), pytest.raises(RuntimeError, match="another TunedModel is attached"):
        second.attach()
    with second.attached():
        assert logits_of(second).shape == (3, 12, 61)


def test_no_method_is_applied_to_a_base_that_has_one_attached() -> None:
    base = tiny_model()
    with lora(base).attached(), pytest.raises(RuntimeError, match="Detach it first"):
        lora(base)


def test_a_base_is_whole_again_when_applying_fails_half_way() -> None:
    base = tiny_model()
    layer = base.get_submodule("transformer.h.0.mlp.c_fc")
    with pytest.raises(ZeroDivisionError), injecting(base):
        base.get_submodule("transformer.h.0.mlp").c_fc = torch.nn.Identity()
        raise ZeroDivisionError
    assert base.get_submodule("transformer.h.0.mlp.c_fc") is layer


def test_attached_layers_are_in_the_training_mode_of_what_is_around_them() -> None:
    base = tiny_model()
    first, second = lora(base), lora(base)
    with first.attached():
        first.model.train()
    with second.attached():
        assert all(module.training for module in base.modules())
        second.model.eval()
    with first.attached():
        assert not any(
            module.training for module in base.get_submodule("transformer.h.0.attn.c_attn").children()
        )


def test_the_seed_alone_decides_the_start() -> None:
    base = tiny_model()
    torch.manual_seed(1)
    first = lora(base, seed=7).trainable()
    torch.manual_seed(2)
    twin, stranger = lora(base, seed=7).trainable(), lora(base, seed=8).trainable()
    assert all(torch.equal(first[name], twin[name]) for name in first)
    assert any(not torch.equal(first[name], stranger[name]) for name in first)


def test_making_and_attaching_leave_the_random_generator_alone() -> None:
    base, state = tiny_model(), torch.get_rng_state()
    lora(base).attach()
    assert torch.equal(torch.get_rng_state(), state)


def test_a_folder_of_another_size_is_refused(tmp_path: Path) -> None:
    base = tiny_model()
    lora(base, r=2).save(tmp_path)
    with pytest.raises(ConfigError, match=r"holds lora .*'r': 2.*expected lora .*'r': 3"):
        lora(base).load(tmp_path)


def test_a_folder_of_another_model_is_refused_with_the_names(tmp_path: Path) -> None:
    other = build("ia3", {}).apply(tiny_model("Llama"), target_modules_of("Llama"), 0)
    other.save(tmp_path)
    with pytest.raises(TornFile, match=r"tensors are missing: base_model.model.transformer.h.0"):
        build("ia3", {}).apply(tiny_model(), TARGET_MODULES, 0).load(tmp_path)


def test_a_missing_tensor_is_named_and_nothing_is_loaded(tmp_path: Path) -> None:
    base = tiny_model()
    saved, other = lora(base), lora(base, seed=5)
    saved.save(tmp_path)
    tensors = load_file(tmp_path / TENSOR_FILE)
    missing = sorted(tensors)[0]
    save_file({name: tensor for name, tensor in tensors.items() if name != missing}, tmp_path / TENSOR_FILE)
    expected = {name: parameter.clone() for name, parameter in other.trainable().items()}
    with pytest.raises(TornFile, match=f"1 tensors are missing: {missing}"):
        other.load(tmp_path)
    assert all(torch.equal(expected[name], parameter) for name, parameter in other.trainable().items())


def test_a_tensor_of_another_shape_is_refused_with_both_shapes(tmp_path: Path) -> None:
    tuned = lora(tiny_model())
    tuned.save(tmp_path)
    tensors = load_file(tmp_path / TENSOR_FILE)
    name = sorted(tensors)[0]
    save_file(tensors | {name: torch.zeros(2, 2)}, tmp_path / TENSOR_FILE)
    with pytest.raises(ConfigError, match=r"has the shape \(2, 2\), this model and method need \(3, "):
        tuned.load(tmp_path)


@pytest.mark.parametrize("name", [TENSOR_FILE, METHOD_FILE])
@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_a_damaged_file_is_torn(tmp_path: Path, name: str, damage: str) -> None:
    base = tiny_model()
    lora(base).save(tmp_path)
    path = tmp_path / name
    path.write_bytes(path.read_bytes()[:-9]) if damage == "cut" else path.unlink()
    with pytest.raises(TornFile, match=name):
        load_tuned(base, TARGET_MODULES, tmp_path)
