"""Study records as a search leaves them: a whole quickstart study, and small ones made by hand."""

import random
from collections.abc import Mapping
from dataclasses import replace
from math import exp, log, nan
from typing import Any

from astraios_ray.methods import METHODS, traits_of
from astraios_ray.records import (
    Checkpoint,
    Cost,
    DataRef,
    MethodTraits,
    ModelRef,
    Provenance,
    Recipe,
    Score,
    StudyRecord,
    TrialResult,
    TrialSpec,
    TrialState,
    ValidationPoint,
    Value,
)

SIZES_OF: dict[
    str, tuple[str | None, tuple[int, ...], int]
] = {  # size, its values, parameters per unit of it
    "full": (None, (), 431_616),
    "lora": ("r", (4, 8, 16), 1_536),
    "ia3": (None, (), 1_920),
    "p_tuning": ("virtual_tokens", (10, 30), 1_280),
    "adapter_h": ("bottleneck", (16, 64), 1_536),
    "adapter_p": ("bottleneck", (16, 64), 768),
    "parallel": ("bottleneck", (16, 64), 768),
}
FLOOR = {
    "full": 0.62,
    "lora": 0.66,
    "ia3": 1.05,
    "p_tuning": 1.16,
    "adapter_h": 0.71,
    "adapter_p": 0.75,
    "parallel": 0.69,
}
RUNGS = (20, 60, 200)
SANDBOX: dict[str, Value] = {"level": 3, "bubblewrap": "0.8.0", "policy": "sha256:9f2c"}


def spec(number: int, method: str = "lora", rate: float = 1e-3, **hyperparameters: Value) -> TrialSpec:
    recipe = Recipe(learning_rate=rate, max_steps=200, validate_every=10)
    data = DataRef(train="builtin:primer", sequence_length=128)
    model = ModelRef("builtin:nano-s")
    traits = traits_of(method, {}) if method in set(METHODS) else MethodTraits()
    return TrialSpec("quickstart", number, method, hyperparameters, recipe, model, data, traits=traits)


def result(
    number: int,
    method: str = "lora",
    *,
    losses: Mapping[int, float] | None = None,
    state: TrialState = TrialState.COMPLETE,
    scores: tuple[Score, ...] = (),
    reason: str = "",
) -> TrialResult:
    points = tuple(
        ValidationPoint(step, value, value + 0.1, 0.1 * step) for step, value in (losses or {}).items()
    )
    cost = Cost(12.5, 610.0, 12_288, 50_000)
    checkpoint = Checkpoint(f"trials/t{number:04d}/checkpoint-200", 200) if points else None
    return TrialResult(spec(number, method, r=8), state, points, cost, checkpoint, scores, reason)


def score(
    value: float,
    half_width: float | None = 0.08,
    *,
    problems: int = 120,
    evaluator: str = "primer",
    unscored: int = 0,
) -> Score:
    spans = (
        {}
        if half_width is None
        else {"pass_at_1": (max(0.0, value - half_width), min(1.0, value + half_width))}
    )
    metrics = {"pass_at_1": value, "pass_at_10": min(1.0, value * 1.25)}
    return Score(evaluator, metrics, spans, problems, 20, unscored, sandbox=SANDBOX)


def record(
    *results: TrialResult, base: tuple[Score, ...] = (), complete: bool = True, **config: Any
) -> StudyRecord:
    settings = {
        "model": {"id": "builtin:nano-s", "dtype": "fp32", "quantization": "none", "revision": None},
        "data": {"train": "builtin:primer", "validation_fraction": 0.1, "sequence_length": 128},
        "methods": {"lora": None},
        "budget": {"trials": len(results)},
        "evaluate": {"tasks": ["primer"]},
        **config,
    }
    provenance = Provenance(
        {"torch": "2.13.0", "ray": "2.60.0", "transformers": "5.23.0", "peft": "0.21.2", "optuna": "5.0.0"},
        "3.11.7",
        "Linux x86_64, 2 CPU cores, no GPU",
        "beeb0ef1c0ffee",
        False,
    )
    return StudyRecord("quickstart", "runs/quickstart", settings, results, base, provenance, 231.4, complete)


def quickstart(trials: int = 28, seed: int = 1, problems: int = 60) -> StudyRecord:
    """A finished study: seven methods, halving at 20 and 60 steps, ten finalists, some broken trials."""
    source = random.Random(seed)
    names = list(SIZES_OF)
    candidates = [_draw(source, number, names[number % len(names)]) for number in range(trials)]
    reached = _reached(candidates)
    results = [_trial(source, trial, floor, reached[trial.number]) for trial, floor in candidates]
    base = (score(0.118, 0.06, problems=problems),)
    study_record = record(*_scored(source, results, problems), base=base, methods=dict.fromkeys(names))
    links = {
        "MLflow": "mlflow ui --backend-store-uri sqlite:///runs/quickstart/mlflow.db",
        "Ray dashboard": "http://127.0.0.1:8265",
    }
    return replace(study_record, links=links)


def _draw(source: random.Random, number: int, method: str) -> tuple[TrialSpec, float]:
    """A configuration, and the loss it would reach at the end."""
    size, values, _ = SIZES_OF[method]
    rate = exp(source.uniform(log(1e-4), log(1e-2)))
    hyperparameters = {} if size is None else {size: source.choice(values)}
    floor = FLOOR[method] + 0.06 * abs(log(rate / 2e-3)) ** 1.5 + source.gauss(0, 0.02)
    return spec(number, method, rate, **hyperparameters), floor


def _reached(candidates: list[tuple[TrialSpec, float]]) -> dict[int, int]:
    """The step each trial was allowed to: a third goes on at each rung, and the best of every method."""
    order = sorted(candidates, key=lambda pair: pair[1])
    finalists = {trial.number for trial, _ in order[: len(order) // 4]}
    finalists |= {
        next(trial.number for trial, _ in order if trial.method == name)
        for name in {o.method for o, _ in order}
    }
    middle = {trial.number for trial, _ in order[: len(order) // 2]}
    return {
        trial.number: RUNGS[2]
        if trial.number in finalists
        else RUNGS[1]
        if trial.number in middle
        else RUNGS[0]
        for trial, _ in candidates
    }


def _trial(source: random.Random, trial: TrialSpec, floor: float, until: int) -> TrialResult:
    size, _, unit = SIZES_OF[trial.method]
    width = 1 if size is None else trial.hyperparameters[size]
    assert isinstance(width, int)
    breaks = until == RUNGS[0] and trial.number % 8 == 2
    points = []
    for step in range(10, until + 1, 10):
        value = floor + (2.1 - floor) * exp(-step / 45) + source.gauss(0, 0.006)
        points.append(
            ValidationPoint(step, nan if breaks and step == until else value, value + 0.08, 0.055 * step)
        )
    state, reason = TrialState.COMPLETE, ""
    if breaks:
        state, reason = TrialState.DIVERGED, f"the loss is not finite at step {until}"
    elif until < RUNGS[2]:
        state, reason = TrialState.STOPPED, f"rung {until}: behind its peers"
    cost = Cost(
        0.055 * until * source.uniform(0.9, 1.3), source.uniform(580, 640), unit * width, 4 * unit * width
    )
    checkpoint = Checkpoint(f"trials/{trial.id}/checkpoint-{until}", until)
    return TrialResult(trial, state, tuple(points), cost, checkpoint, (), reason)


def _scored(source: random.Random, results: list[TrialResult], problems: int) -> list[TrialResult]:
    """The ten best that went all the way get a score, the better the lower their loss."""
    full = sorted((trial for trial in results if trial.state is TrialState.COMPLETE), key=_last_loss)
    finalists = {trial.spec.number for trial in full[:10]}
    half = 0.98 / problems**0.5
    return [
        replace(trial, scores=(score(_quality(source, trial), half, problems=problems),))
        if trial.spec.number in finalists
        else trial
        for trial in results
    ]


def _last_loss(result: TrialResult) -> float:
    return result.points[-1].loss


def _quality(source: random.Random, result: TrialResult) -> float:
    return min(0.97, max(0.02, 0.78 - 0.95 * (_last_loss(result) - 0.62) + source.gauss(0, 0.03)))
