"""Records the learning curves that early-stopping rules are compared on, into ``benchmarks/curves.jsonl.gz``.

A grid over the seven methods, their sizes and learning rates, on the embedded model ``nano-xs``: each trial
is trained to its full length, and validated on the same rows at the same steps. Takes about ten minutes of
one core; another machine's curves differ in the last digits.
"""

import argparse
import gzip
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import process_time
from typing import Any

import torch

from astraios_ray.config.study import StudyConfig
from astraios_ray.methods import build, hyperparameters_of
from astraios_ray.methods.method import traits_of
from astraios_ray.records import TrialSpec, encode
from astraios_ray.space.make_specs import make_spec
from astraios_ray.space.space import build_space, grid
from astraios_ray.studies.provenance import provenance
from astraios_ray.training.multi_trainer import ModelCache
from astraios_ray.training.trial_trainer import TrialTrainer
from benchmarks.curves import PLACE

DIGITS = 6  # of a loss, after the point
BOTTLENECK = {"bottleneck": {"values": [8, 16, 32]}}
SLOW, USUAL, FAST = (
    {"learning_rate": {"values": [c * start for c in (1, 2, 4, 8, 16)]}} for start in (5e-4, 2e-3, 1e-2)
)
STUDY: Mapping[str, Any] = {
    "name": "curves",
    "model": {"id": "builtin:nano-xs", "dtype": "fp32"},
    "data": {
        "train": "builtin:primer",
        "validation_fraction": 0.02,
        "sequence_length": 80,
        "packing": "rows",
        "loss_on": "completion",
    },
    "training": {"max_steps": 162, "batch_size": 8, "warmup_steps": 12, "validate_every": 6},
    "budget": {"trials": 85},
    "search": {"sampler": "grid"},
    "early_stop": {"rule": "none", "grace": 6},
    "methods": {
        "full": SLOW,
        "lora": {"r": {"values": [2, 4, 8, 16]}, "alpha": 16, **USUAL},
        "ia3": FAST,
        "p_tuning": {"virtual_tokens": {"values": [4, 8]}, **USUAL},
        "adapter_h": {**BOTTLENECK, **USUAL},
        "adapter_p": {**BOTTLENECK, **USUAL},
        "parallel": {**BOTTLENECK, **USUAL},
    },
}


def main() -> None:
    """Train every trial, write a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--place", type=Path, default=PLACE)
    options = parser.parse_args()
    torch.set_num_threads(1)
    study = StudyConfig.model_validate(STUDY)
    head = {"provenance": encode(provenance()), "study": study.resolved()}
    lines = [head, *_trials(study)]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    options.place.write_bytes(gzip.compress(text.encode(), mtime=0))
    print(f"{len(lines) - 1} curves written to {options.place}")


def _trials(study: StudyConfig) -> Iterator[dict[str, Any]]:
    models = ModelCache()
    for number, (method, values) in enumerate(grid(build_space(study, hyperparameters_of, build))):
        started = process_time()
        spec = make_spec(study, number, method, values, 0, traits_of)
        losses = list(_losses(models, spec))
        print(f"{spec.label}: {losses[0]} to {losses[-1]}, {process_time() - started:.1f} s CPU", flush=True)
        yield {"method": method, "values": values, "losses": losses}


def _losses(models: ModelCache, spec: TrialSpec) -> Iterator[float]:
    """The validation loss at every multiple of ``validate_every``; infinite once the trial has diverged."""
    trainer = TrialTrainer(models.base(spec.model), models.blocks(spec.model, spec.data), spec)
    recipe, loss = spec.recipe, 0.0
    for step in range(1, recipe.max_steps + 1):
        if math.isfinite(loss):
            loss = trainer.step()
        if step % recipe.validate_every == 0:
            loss = trainer.validate() if math.isfinite(loss) else math.inf
            loss = loss if math.isfinite(loss) else math.inf
            yield round(loss, DIGITS)


if __name__ == "__main__":
    main()
