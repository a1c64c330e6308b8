"""One trial in the usual way: a Tune function around transformers' Trainer and a model of peft."""

import tempfile
from functools import cache
from typing import Any


def train(config: dict[str, Any]) -> None:
    """Train ``config["trial"]`` and report its validation loss at every cadence.

    ``config["trim"]``: padding ends with a batch's longest row, and the process keeps the base's weights.
    """
    import torch
    from ray import tune
    from transformers import Trainer, TrainerCallback, TrainingArguments

    class Report(TrainerCallback):  # type: ignore[misc]  # transformers has no types
        def on_evaluate(self, args: Any, state: Any, control: Any, metrics: Any, **details: Any) -> None:
            tune.report({"loss": metrics["eval_loss"], "step": state.global_step})

    torch.set_num_threads(1)
    work, trial = config["work"], config["trial"]
    recipe, rows = work["recipe"], _rows(work["rows"])
    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            output_dir=folder,
            max_steps=recipe["max_steps"],
            per_device_train_batch_size=recipe["batch_size"],
            per_device_eval_batch_size=len(rows["validation"]),  # one batch: its mean is over all tokens
            learning_rate=trial["learning_rate"],
            lr_scheduler_type=recipe["schedule"],
            warmup_steps=recipe["warmup_steps"],
            weight_decay=recipe["weight_decay"],
            max_grad_norm=recipe["max_grad_norm"],
            eval_strategy="steps",
            eval_steps=recipe["validate_every"],
            prediction_loss_only=True,
            train_sampling_strategy="sequential",  # the rows are in the order of the steps
            save_strategy="no",
            logging_strategy="no",
            report_to="none",
            disable_tqdm=True,
            use_cpu=True,
            dataloader_pin_memory=False,
        )
        Trainer(
            model=_model(work["model"], trial, work["seed"], keep=config["trim"]),
            args=arguments,
            train_dataset=rows["train"],
            eval_dataset=rows["validation"],
            data_collator=_trimmed if config["trim"] else _stacked,
            callbacks=[Report()],
        ).train()


def _model(folder: str, trial: dict[str, Any], seed: int, *, keep: bool) -> Any:
    import copy

    import peft
    import torch

    base = copy.deepcopy(_base(folder)) if keep else _base.__wrapped__(folder)
    torch.manual_seed(seed)
    config = getattr(peft, trial["config"])(task_type="CAUSAL_LM", **trial["values"])
    return peft.get_peft_model(base, config)


@cache
def _base(folder: str) -> Any:
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(folder, dtype="float32")


@cache
def _rows(file: str) -> dict[str, list[dict[str, Any]]]:
    import torch

    parts: dict[str, dict[str, Any]] = torch.load(file)
    return {
        name: [dict(zip(part, row, strict=True)) for row in zip(*part.values(), strict=True)]
        for name, part in parts.items()
    }


def _stacked(rows: list[dict[str, Any]]) -> dict[str, Any]:
    import torch

    return {name: torch.stack([row[name] for row in rows]) for name in rows[0]}


def _trimmed(rows: list[dict[str, Any]]) -> dict[str, Any]:
    batch = _stacked(rows)
    longest = int(batch["attention_mask"].sum(1).max())
    return {name: tensor[:, :longest] for name, tensor in batch.items()}
