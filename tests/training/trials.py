"""Trials of a tiny random model on a few rows: all that a trainer needs, made in milliseconds."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import torch

from astraios_ray.data.tokenise import Blocks, Rows
from astraios_ray.models.load_base import Base
from astraios_ray.records import (
    Checkpoint,
    DataRef,
    ModelRef,
    Recipe,
    TrainReport,
    TrainTask,
    TrialSpec,
    Value,
)
from astraios_ray.training.multi_trainer import ModelCache, MultiTrialTrainer
from tests.fakes.tiny_models import target_modules_of, tiny_model

MODEL, DATA = ModelRef("tiny"), DataRef("few rows")
METHODS: Mapping[str, Mapping[str, Value]] = {
    "full": {},
    "lora": {"r": 3, "dropout": 0.2},
    "ia3": {},
    "p_tuning": {"virtual_tokens": 5},
    "adapter_h": {"bottleneck": 6, "dropout": 0.2},
    "adapter_p": {"bottleneck": 6},
    "parallel": {"bottleneck": 6},
}


def tiny_base(architecture: str = "GPTBigCode") -> Base:
    """A frozen random model. GPTBigCode has dropout of its own in training, Llama has none."""
    return Base(tiny_model(architecture), cast(Any, None), target_modules_of(architecture), MODEL, "random")


def rows(count: int, seed: int, length: int = 12, shorter: Sequence[int] = (0, 1, 2)) -> Rows:
    """Rows that use five tokens of the vocabulary, of different lengths: a task that is soon learnt."""
    ids = torch.randint(5, (count, length), generator=torch.Generator().manual_seed(seed))
    labels, mask = ids.clone(), torch.ones_like(ids)
    for number in range(count):
        end = length - shorter[number % len(shorter)]
        labels[number, end:], mask[number, end:] = -100, 0
    labels[:, 0] = -100
    return Rows(ids, labels, mask)


def few_blocks(train: int = 20, validation: int = 6) -> Blocks:
    """Different rows to train on and to validate on."""
    return Blocks(rows(train, seed=1), rows(validation, seed=2))


def ragged_blocks(train: int = 20, validation: int = 6) -> Blocks:
    """Rows of very different lengths, so that they are computed without padding."""
    shorter = (0, 9, 3, 7, 8)
    return Blocks(rows(train, seed=1, shorter=shorter), rows(validation, seed=2, shorter=shorter))


def trial(method: str = "lora", *, number: int = 0, seed: int = 0, **recipe: Any) -> TrialSpec:
    """A trial of 8 steps with 4 rows each, unless ``recipe`` says otherwise."""
    defaults = {
        "learning_rate": 1e-2,
        "max_steps": 8,
        "batch_size": 4,
        "warmup_steps": 2,
        "validate_every": 2,
    }
    recipe_values = Recipe(**{**defaults, **recipe})
    return TrialSpec("few", number, method, METHODS.get(method, {}), recipe_values, MODEL, DATA, seed)


def models() -> ModelCache:
    """A ModelCache that holds the tiny model and the few rows."""
    return ModelCache(_bases={MODEL: tiny_base()}, _blocks={(MODEL, DATA): few_blocks()})


def trainer(folder: Path, **options: Any) -> MultiTrialTrainer:
    """A trainer with a base of its own, as a new process would have it."""
    return MultiTrialTrainer(models(), folder, **options)


def served(trainer: MultiTrialTrainer, *train_tasks: TrainTask) -> dict[str, TrainReport]:
    """The reports of TrainTasks that are trained side by side, by trial."""
    refused = [trainer.start(train_task) for train_task in train_tasks]
    reports = {train_report.trial: train_report for train_report in refused if train_report}
    while trainer.working:
        reports |= {train_report.trial: train_report for train_report in trainer.turn()}
    return reports


def trained(
    trainer: MultiTrialTrainer, spec: TrialSpec, until: int, checkpoint: Checkpoint | None = None
) -> TrainReport:
    """The report of a single TrainTask."""
    return served(trainer, TrainTask(spec, until, checkpoint))[spec.id]


def losses(train_report: TrainReport) -> list[tuple[int, float, float]]:
    """Step, validation loss and training loss of every point."""
    return [(point.step, point.loss, point.train_loss) for point in train_report.points]


def files(folder: str | Path) -> dict[str, bytes]:
    """The tensor files below a folder, by path."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in Path(folder).rglob("*.safetensors")}
