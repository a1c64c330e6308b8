"""The study of docs/fairness.md that is unfair on purpose, and its record after a search."""

from dataclasses import replace
from typing import Any

import yaml

from astraios_ray.records import StudyRecord, TrainingSetup, TrialResult
from tests.fakes.documented import block
from tests.fakes.study_records import record, result

STUDY: dict[str, Any] = yaml.safe_load(block("fairness.md", "yaml", "name: unfair"))
METHODS: dict[str, Any] = STUDY["methods"]
UNFAIR: dict[str, tuple[str, ...]] = {  # warnings that the values of the study give, and whom they name
    "unequal_batch_size": ("full",),
    "unequal_schedule": ("full",),
    "unequal_weight_decay": ("adapter_h",),
    "unequal_warmup_steps": ("ia3",),
    "unequal_enqueue": ("lora",),
    "fixed_learning_rate": ("ia3",),
    "narrow_learning_rates": ("adapter_p",),
    "fixed_size": ("lora",),
}


def unfair_record() -> StudyRecord:
    """Trials of that study as their trainers recorded them."""
    trials = [_trial(number, method) for number, method in enumerate([*METHODS, *METHODS])]
    values: dict[str, Any] = {"methods": METHODS, "enqueue": STUDY["enqueue"]}
    return replace(record(*trials, **values), prompt_front=("<s>",))


def _trial(number: int, method: str) -> TrialResult:
    block = METHODS[method]
    values = {name: value for name, value in block.items() if not isinstance(value, dict)}
    hyperparameters = {name: values.pop(name) for name in ("r",) if name in values}
    hyperparameters |= {"bottleneck": 16} if "bottleneck" in block else {}
    plain = result(number, method, losses={200: 1.0 + number / 100})
    rate = values.pop("learning_rate", 1.5e-4)
    recipe = replace(plain.spec.recipe, learning_rate=rate, **values)
    spec = replace(plain.spec, hyperparameters=hyperparameters, recipe=recipe)
    setup = TrainingSetup(hyperparameters, ("attn.c_attn",), "float32", "float32", ("<s>",))
    return replace(plain, spec=spec, setup=setup)
