"""What a report says of a trial's targets and precision is what the trainer holds."""

from pathlib import Path
from typing import Any, cast

import pytest
import torch

from astraios_ray.models.load_base import Base
from astraios_ray.models.nano import random_model
from astraios_ray.training.trial_trainer import TrialTrainer
from tests.fakes.tiny_models import target_modules_of
from tests.training.trials import METHODS, MODEL, few_blocks, tiny_base, trained, trainer, trial

TARGETS = {
    "full": ("every weight",),
    "lora": ("attn.c_attn", "attn.c_proj", "mlp.c_proj"),
    "ia3": ("attn.c_attn", "mlp.c_proj"),
    "p_tuning": ("virtual tokens",),
    "adapter_h": ("mlp.c_fc", "mlp.c_proj"),
    "adapter_p": ("mlp.c_proj",),
    "parallel": ("attn.c_attn",),
}


@pytest.mark.parametrize("method", METHODS)
def test_a_report_names_the_layers_that_the_method_changes(method: str, tmp_path: Path) -> None:
    setup = trained(trainer(tmp_path), trial(method), until=2).setup
    assert setup is not None
    assert setup.targets == TARGETS[method]
    assert (setup.weights, setup.moments) == ("float32", "float32")


@pytest.mark.parametrize(
    ("method", "optimizer", "dtype"),
    [
        ("full", "adamw", "float32"),
        ("lora", "adamw", "float32"),
        ("full", "adamw_bf16", "bfloat16"),
        ("lora", "adamw_bf16", "float32"),
    ],
)
def test_on_a_bf16_base_weights_and_moments_are_those_of_the_optimiser(
    method: str, optimizer: str, dtype: str
) -> None:
    model = random_model("nano-xs", seed=0).to(torch.bfloat16).requires_grad_(False).eval()
    base = Base(model, cast(Any, None), target_modules_of("GPTBigCode"), MODEL, "random")
    trial_trainer = TrialTrainer(base, few_blocks(), trial(method, optimizer=optimizer))
    trial_trainer.step()
    assert (trial_trainer.setup.weights, trial_trainer.setup.moments) == (dtype, dtype)


def test_hyperparameters_that_the_study_leaves_out_are_recorded() -> None:
    setup = TrialTrainer(tiny_base(), few_blocks(), trial("lora")).setup
    assert setup.hyperparameters["r"] == 3 and setup.hyperparameters["alpha"] == 16


def test_before_the_first_step_there_are_no_moments() -> None:
    assert TrialTrainer(tiny_base(), few_blocks(), trial("lora")).setup.moments == ""
