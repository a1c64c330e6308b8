"""The loss of every step is that of transformers' Trainer with a model of peft, from the same start."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest
import torch

from astraios_ray.data.tokenise import Blocks, Rows
from astraios_ray.models.load_base import Base
from astraios_ray.records import TrialSpec, Value
from astraios_ray.training.trial_trainer import TrialTrainer
from tests.fakes.tiny_models import target_modules_of, tiny_model
from tests.fakes.tokenised import every
from tests.training.reference_trainer import losses_of_trainer, model_of_peft
from tests.training.trials import MODEL, rows, trial

STEPS, ROWS, LENGTH = 20, 24, 20
ATTENTION = r".*\.(q_proj|k_proj|v_proj|o_proj)"
KINDS: Mapping[str, tuple[str, Mapping[str, Value], float]] = {  # method, hyperparameters, learning rate
    "full": ("full", {}, 1e-2),
    "LoRA of attention": ("peft:LORA", {"r": 4, "lora_alpha": 8, "target_modules": ATTENTION}, 1e-2),
    "LoRA of attention and MLP output": ("lora", {"r": 4, "alpha": 8, "dropout": 0.0}, 1e-2),
    "LoRA of all layers": ("peft:LORA", {"r": 4, "lora_alpha": 8, "target_modules": "all-linear"}, 1e-2),
    "(IA)3": ("ia3", {}, 1e-1),
    "P-tuning": ("p_tuning", {"virtual_tokens": 5}, 3e-2),
}
each_kind = pytest.mark.parametrize("kind", KINDS)
each_architecture = pytest.mark.parametrize("architecture", ["Llama", "Qwen3"])
pytestmark = pytest.mark.filterwarnings(
    "ignore:`is_gradient_checkpointing` is deprecated"
)  # peft asks for it


def base_of(architecture: str, dtype: torch.dtype = torch.float32) -> Base:
    """A random model whose weights bf16 holds exactly, with a head so large that its loss moves."""
    model: Any = tiny_model(architecture)
    model.get_output_embeddings().weight.mul_(8)
    model = model.to(torch.bfloat16).to(dtype)
    return Base(model, cast(Any, None), target_modules_of(architecture), MODEL, "random")


def spec_of(kind: str) -> TrialSpec:
    method, hyperparameters, rate = KINDS[kind]
    made = trial(method, max_steps=STEPS, warmup_steps=3, learning_rate=rate, weight_decay=0.1)
    return TrialSpec(made.study, 0, method, hyperparameters, made.recipe, made.model, made.data, 0)


def data() -> Blocks:
    return Blocks(rows(ROWS, 1, LENGTH, (0, 3, 5, 9)), rows(6, 2, LENGTH))


def samples(train: Rows) -> list[dict[str, torch.Tensor]]:
    names = ("input_ids", "labels", "attention_mask")
    return [{name: getattr(train, name)[number] for name in names} for number in range(len(train))]


@each_architecture
@each_kind
def test_losses_in_float32_differ_by_less_than_1e_5(architecture: str, kind: str, tmp_path: Path) -> None:
    spec = spec_of(kind)
    trainer = TrialTrainer(base_of(architecture), data(), spec)
    plain = model_of_peft(base_of(architecture).model, trainer, "CAUSAL_LM", tmp_path)
    expected = losses_of_trainer(plain, spec, samples(every(data().train)), tmp_path)
    losses = [trainer.step() for _ in range(STEPS)]
    assert expected[-1] < expected[0] - 0.05
    assert losses == pytest.approx(expected, rel=0, abs=1e-5)


@each_architecture
def test_full_in_bf16_is_within_a_hundredth_of_float32(architecture: str, tmp_path: Path) -> None:
    spec = spec_of("full")
    trainer = TrialTrainer(base_of(architecture, torch.bfloat16), data(), spec)
    plain = model_of_peft(base_of(architecture).model, trainer, "CAUSAL_LM", tmp_path)
    expected = losses_of_trainer(plain, spec, samples(every(data().train)), tmp_path)
    assert [trainer.step() for _ in range(STEPS)] == pytest.approx(expected, rel=0.01)
