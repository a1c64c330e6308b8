"""A tiny random model of an architecture in a folder, and a small finished study on it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from astraios_ray.methods import build, hyperparameters_of
from astraios_ray.methods.tuned import TunedModel
from astraios_ray.models.load_base import Base, load_base
from astraios_ray.records import ModelRef, StudyRecord
from astraios_ray.search.folder import StudyFolder
from astraios_ray.search.local_backend import LocalBackend
from astraios_ray.space.space import build_space
from astraios_ray.studies.study_plan import make_plan
from tests.fakes.architectures import ENCODER_DECODERS
from tests.fakes.backends import METHODS, conduct, contents_now, tiny_study, write_rows
from tests.fakes.small_models import write_small_model
from tests.training import trials


@dataclass
class Tried:
    """A model of one architecture in a folder, and a finished study of all methods that fit it."""

    architecture: str
    folder: Path
    refusals: dict[str, str] = field(default_factory=dict)  # why a method cannot be put on it, by method

    def __post_init__(self) -> None:
        write_small_model(self.architecture, self.folder / "model")
        study = self._study(list(METHODS))
        plan = make_plan(study, build_space(study, hyperparameters_of, build))
        for method in plan.methods:
            if method.footprint and method.footprint.problem:
                self.refusals[method.name] = method.footprint.problem
        self.planned = plan.base is not None
        self.record = self._search()

    @cached_property
    def base(self) -> Base:
        """The model as a lane loads it."""
        return load_base(ModelRef(str(self.folder / "model")))

    @property
    def methods(self) -> list[str]:
        """Those that fit the model."""
        return [name for name in METHODS if name not in self.refusals]

    @cached_property
    def tuned(self) -> dict[str, TunedModel]:
        """The trained methods but ``full``, moved by noise so that each differs from the untuned base."""
        shared = {}
        for number, name in enumerate(self.methods):
            if name != "full":
                shared[name] = build(name, trials.METHODS[name]).apply(
                    self.base.model, self.base.target_modules, number
                )
                move(shared[name], number)
        return shared

    def _study(self, methods: Sequence[str]) -> Any:
        rows = self.folder / "rows.jsonl"
        sections: dict[str, Any] = {
            **({"data": self._pairs(rows)} if self.architecture in ENCODER_DECODERS else {}),
            "budget": {"trials": len(methods)},
            "early_stop": {"rule": "none"},
            "training": {"max_steps": 3, "validate_every": 3, "warmup_steps": 1, "batch_size": 4},
            "methods": {name: METHODS[name] for name in methods},
        }
        return tiny_study(self.folder / "model", rows if rows.exists() else write_rows(rows), **sections)

    def _pairs(self, rows: Path) -> dict[str, Any]:
        """The rows as a prompt and an answer each, with room for both."""
        return {"train": str(rows), "sequence_length": 96, "packing": "rows", "loss_on": "completion"}

    def _search(self) -> StudyRecord:
        study, run = self._study(self.methods), StudyFolder(self.folder / "runs" / "tiny")
        resolved = {**study.resolved(), "output": str(self.folder / "runs")}
        run.adopt(resolved, contents_now(study), extend=False)
        return conduct(study, run, LocalBackend(run.trials, slots=4, sandbox=None))


def move(tuned: TunedModel, seed: int) -> None:
    """Add noise to what is trained."""
    noise = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in tuned.trainable().values():
            parameter.add_(0.1 * torch.randn(parameter.shape, generator=noise))
