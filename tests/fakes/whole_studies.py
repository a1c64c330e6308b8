"""A finished study with every kind of evaluator: writing, answering, robustness and security."""

import random
from collections.abc import Mapping
from dataclasses import replace

from astraios_ray.records import Score, StudyRecord, TrialResult
from tests.fakes.study_records import SANDBOX, SIZES_OF, quickstart

RATE = {"min": 1e-4, "max": 1e-2, "log": True, "step": None}
TASKS = ("primer", "defect_detection", "recode-format", "recode-syntax", "aatk")


def whole_study(trials: int = 28) -> StudyRecord:
    """The quickstart study, its finalists and the untuned base scored on five tasks."""
    study = quickstart(trials)
    methods = {
        name: {} if size is None else {size: {"values": list(values)}}
        for name, (size, values, _) in SIZES_OF.items()
    }
    settings = {"defaults": {"learning_rate": RATE}, "methods": methods, "evaluate": {"tasks": list(TASKS)}}
    source = random.Random(trials)
    return replace(
        study,
        config={**study.config, **settings},
        results=tuple(_with_scores(source, trial) for trial in study.results),
        base_scores=_scores(source, study.base_scores[0]),
    )


def robust(category: str, worst: float, before: float, problems: int = 164) -> Score:
    """As the evaluator ``recode`` says it."""
    name = f"robust_pass_at_1/{category}"
    metrics = {
        name: worst,
        f"robust_pass_at_1/{category}_one": (worst + before) / 2,
        f"robust_pass_at_1/{category}_two": worst,
        "pass_at_1": before,
        f"robust_change_at_1/{category}": abs(before - worst),
        f"sound_share/{category}": 0.98,
    }
    spans = {name: (max(0.0, worst - 0.07), min(1.0, worst + 0.07))}
    return Score(
        f"recode-{category}", metrics, spans, 5 * problems, 1, sandbox=SANDBOX,
        counts=dict.fromkeys(metrics, problems), ranking=name,
    )  # fmt: skip


def secure(valid: float, weak: float | None, clean: float, unscored: int = 0) -> Score:
    """As the evaluator ``aatk`` says it: 40 scenarios, 20 samples, 32 with a judge."""
    metrics = {"valid": valid, "valid/c": valid, "valid/python": valid, "secure_valid": clean}
    metrics |= {"covered": 0.8, "covered/bandit": 0.5, "covered/own": 0.3}
    counts = {"valid": 800, "valid/c": 400, "valid/python": 400, "secure_valid": 800}
    counts |= {"covered": 40, "covered/bandit": 40, "covered/own": 40}
    if weak is not None:
        metrics["insecure"], counts["insecure"] = weak, round(0.8 * 800 * valid)
    spans = {name: (max(0.0, metrics[name] - 0.06), min(1.0, metrics[name] + 0.06)) for name in metrics}
    return Score(
        "aatk", metrics, spans, 40, 20, unscored, sandbox=SANDBOX, counts=counts, ranking="secure_valid"
    )


def answered(accuracy: float) -> Score:
    """As the evaluator ``defect_detection`` says it."""
    metrics: Mapping[str, float] = {"accuracy": accuracy, "valid_share": 0.97}
    spans = {"accuracy": (accuracy - 0.03, accuracy + 0.03)}
    return Score(
        "defect_detection", metrics, spans, 1000, 1, counts=dict.fromkeys(metrics, 1000), ranking="accuracy"
    )


def _with_scores(source: random.Random, result: TrialResult) -> TrialResult:
    return replace(result, scores=_scores(source, result.scores[0])) if result.scores else result


def _scores(source: random.Random, first: Score) -> tuple[Score, ...]:
    """A model's scores on all tasks, by its pass@1 on the first."""
    ability = first.metrics["pass_at_1"]
    solved = {f"p{n}": float(source.random() < ability) for n in range(first.problems)}
    valid = 0.5 + 0.4 * ability
    weak = 0.5 - 0.3 * ability
    return (
        replace(first, solved=solved),
        answered(0.5 + 0.2 * ability),
        robust("format", 0.6 * ability, ability),
        robust("syntax", 0.8 * ability, ability),
        secure(valid, weak, 0.8 * valid * (1 - weak)),
    )
