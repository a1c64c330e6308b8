"""Records the learning curves that searches are compared on, into files beside this one.

A grid over the seven methods, their sizes and learning rates, on the embedded model ``nano-xs``: each trial
is trained to its full length, and validated on the same rows at the same steps. ``--ranges`` chooses the
grid: ``close`` has the learning rates that suit each method, ``quickstart`` the ranges of that study,
``long_warmup`` these and a warm-up of 48 steps. Each has seeds of its own. Takes three to ten minutes of one
core; another machine's curves differ in the last digits.
"""

import argparse
import gzip
import json
import math
from collections.abc import Iterator, Mapping, Sequence
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
from benchmarks.curves import PLACES

DIGITS = 6  # of a loss, after the point
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
    "early_stop": {"rule": "none", "grace": 6},
}


def _rates(low: float, high: float, count: int) -> dict[str, Any]:
    """Learning rates from ``low`` to ``high``, evenly over magnitudes."""
    step = (high / low) ** (1 / (count - 1))
    return {"learning_rate": {"values": [float(f"{low * step**turn:.6g}") for turn in range(count)]}}


def _methods(
    rates: Mapping[str, dict[str, Any]], ranks: Sequence[int], tokens: Sequence[int], widths: Sequence[int]
) -> dict[str, Any]:
    """The grid: ``rates`` for full, ia3, p_tuning and the others."""
    usual, bottleneck = rates["usual"], {"bottleneck": {"values": list(widths)}}
    return {
        "full": rates["full"],
        "lora": {"r": {"values": list(ranks)}, "alpha": 16, **usual},
        "ia3": rates["ia3"],
        "p_tuning": {"virtual_tokens": {"values": list(tokens)}, **rates["p_tuning"]},
        **{name: {**bottleneck, **usual} for name in ("adapter_h", "adapter_p", "parallel")},
    }


_CLOSE = {"full": (5e-4, 8e-3), "ia3": (1e-2, 1.6e-1), "p_tuning": (2e-3, 3.2e-2), "usual": (2e-3, 3.2e-2)}
_QUICK = {"full": (3e-4, 5e-3), "ia3": (1e-2, 2e-1), "p_tuning": (3e-3, 3e-2), "usual": (3e-3, 5e-2)}


def _grid(ranges: Mapping[str, tuple[float, float]], count: int, *sizes: Sequence[int]) -> dict[str, Any]:
    return _methods({name: _rates(*ends, count) for name, ends in ranges.items()}, *sizes)


GRIDS: Mapping[str, tuple[int, int, Mapping[str, Any]]] = {  # the seed, steps of warm-up, the methods
    "close": (0, 12, _grid(_CLOSE, 5, (2, 4, 8, 16), (4, 8), (8, 16, 32))),
    "quickstart": (1, 12, _grid(_QUICK, 5, (4, 16), (4, 8), (8, 32))),
    "long_warmup": (3, 48, _grid(_QUICK, 5, (8,), (8,), (16,))),
}


def main() -> None:
    """Train every trial, write a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ranges", choices=GRIDS, default="close")
    parser.add_argument("--place", type=Path, help="the file; by default that of the grid")
    options = parser.parse_args()
    place = options.place or PLACES[options.ranges]
    torch.set_num_threads(1)
    study = study_of(options.ranges)
    head = {"provenance": encode(provenance()), "study": study.resolved()}
    lines = [head, *_trials(study)]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    place.write_bytes(gzip.compress(text.encode(), mtime=0))
    print(f"{len(lines) - 1} curves written to {place}")


def study_of(ranges: str) -> StudyConfig:
    """The study of a grid. Its seed is that of the trials and of the split of rows."""
    seed, warmup, methods = GRIDS[ranges]
    changed = {
        "search": {"sampler": "grid", "seed": seed},
        "data": {**STUDY["data"], "seed": seed},
        "training": {**STUDY["training"], "warmup_steps": warmup},
    }
    values = {**STUDY, **changed, "methods": methods}
    study = StudyConfig.model_validate(values)
    count = sum(1 for _ in grid(build_space(study, hyperparameters_of, build)))
    return StudyConfig.model_validate({**values, "budget": {"trials": count}})


def _trials(study: StudyConfig) -> Iterator[dict[str, Any]]:
    models = ModelCache()
    for number, (method, values) in enumerate(grid(build_space(study, hyperparameters_of, build))):
        started = process_time()
        spec = make_spec(study, number, method, values, study.search.seed, traits_of)
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
