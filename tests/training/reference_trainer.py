"""The losses of transformers' Trainer, with the recipe and the order of rows of a trial."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import peft
import torch
from torch import nn
from transformers import Trainer, TrainingArguments

from astraios_ray.records import TrialSpec
from astraios_ray.training.order import rows_of_step
from astraios_ray.training.trial_trainer import ADAPTER, TrialTrainer


class Recording(Trainer):  # type: ignore[misc]  # transformers has no types
    """A Trainer that keeps the loss of every step."""

    losses: list[float]

    def compute_loss(self, *arguments: Any, **options: Any) -> Any:
        """The Trainer's own loss."""
        loss = super().compute_loss(*arguments, **options)
        self.losses.append(float(loss.detach()))
        return loss


def model_of_peft(plain: Any, trainer: TrialTrainer, task_type: str, folder: Path) -> Any:
    """``plain`` as a user of transformers and peft would have it, with the trainer's initial values.

    Methods are full, p_tuning, and those whose saved adapter peft reads.
    """
    method = trainer.spec.method
    if method == "full":
        return plain.requires_grad_(True)
    trainer.tuned.save(folder / ADAPTER)
    if method != "p_tuning":
        return peft.PeftModel.from_pretrained(plain, folder / ADAPTER, is_trainable=True)
    config = peft.PromptEncoderConfig(task_type=task_type, num_virtual_tokens=5, num_transformer_submodules=1)
    model = peft.get_peft_model(plain, config)
    wrapper: Any = trainer.tuned.model
    model.prompt_encoder.load_state_dict(wrapper.prompt_encoder.state_dict())
    return model


def losses_of_trainer(
    model: nn.Module,
    spec: TrialSpec,
    samples: Sequence[Mapping[str, Any]],
    folder: Path,
    collator: Callable[..., Any] | None = None,
) -> list[float]:
    """The loss of every step on ``samples``, which are arguments of the model by row."""
    recipe = spec.recipe
    arguments = TrainingArguments(
        output_dir=str(folder),
        max_steps=recipe.max_steps,
        per_device_train_batch_size=recipe.batch_size,
        learning_rate=recipe.learning_rate,
        lr_scheduler_type=recipe.schedule,
        warmup_steps=recipe.warmup_steps,
        weight_decay=recipe.weight_decay,
        max_grad_norm=recipe.max_grad_norm,
        train_sampling_strategy="sequential",  # the rows are in the order of the steps
        save_strategy="no",
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
        use_cpu=True,
        dataloader_pin_memory=False,
    )
    steps = range(recipe.max_steps)
    order = [rows_of_step(step, recipe.batch_size, len(samples), spec.seed) for step in steps]
    ordered = [samples[number] for number in torch.cat(order).tolist()]
    trainer = Recording(model=model, args=arguments, train_dataset=ordered, data_collator=collator)
    trainer.losses = []
    trainer.train()
    return trainer.losses
