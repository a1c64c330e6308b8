"""The result files of peft's ``method_comparison``: read as a study, and written from one.

Layout: huggingface/peft, method_comparison/MetaMathQA/run.py and processing.py; one JSON per run, or a CSV
with a line per run. There the loss is of training batches and the score is accuracy on GSM8K.
"""

import csv
import json
import re
from collections.abc import Mapping
from math import nan
from pathlib import Path
from typing import Any

from astraios_ray.errors import ConfigError
from astraios_ray.evaluation.mean_interval import wilson
from astraios_ray.records import (
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
)
from astraios_ray.report.analysis.leaderboard import metric
from astraios_ray.report.wording import finite

TASK = "gsm8k"
ACCURACY = "pass_at_1"  # one greedy answer a problem: its accuracy is pass@1
PROBLEMS = 1319  # in GSM8K's test split (Cobbe et al. 2021, arXiv 2110.14168), one greedy answer each
STEPS = 5000  # where a CSV does not say: method_comparison/MetaMathQA/default_training_params.json
FULL = "full"  # begins the type of a run that tuned all weights; such files have no other
WHOLE_MODEL = MethodTraits(shares_base=False, trains_whole_model=True, packs=False)
MIB = 2**20
NEEDED = (
    "experiment",
    "peft_type",
    "test_accuracy",
    "final_train_loss",
    "num_trainable_params",
    "memory_max_bytes",
    "train_time_s",
    "file_size_bytes",
    "status",
)


def is_results(path: Path) -> bool:
    """Whether ``path`` is a CSV file, a JSON file or a folder of JSON files that could be such results."""
    return path.suffix in (".csv", ".json") or (path.is_dir() and any(path.glob("*.json")))


def read_results(path: Path) -> StudyRecord:
    """The runs in a CSV, a JSON file or a folder of them, as one study.

    Raises ConfigError naming the file, and the line or key, that is not as peft writes it.
    """
    if path.suffix == ".csv":
        results = _from_csv(path)
    else:
        files = [path] if path.is_file() else sorted(path.glob("*.json"))
        results = [_from_json(file, number) for number, file in enumerate(files)]
    if not results:
        raise ConfigError(f"{path}: holds no run of peft's method_comparison.")
    methods = dict.fromkeys(result.spec.method for result in results)
    config = {
        "model": {"id": results[0].spec.model.id},
        "data": {"train": results[0].spec.data.name},
        "methods": methods,
        "evaluate": {"tasks": [TASK], "which": "all"},
        "losses": "training",
    }
    seconds = sum(result.cost.seconds for result in results)
    return StudyRecord(
        path.stem, str(path), config, tuple(results), (), Provenance({}, "", ""), seconds, complete=True
    )


def write_results(record: StudyRecord, folder: Path) -> list[Path]:
    """One JSON per finished trial and its first score, as peft's own tools read them.

    ``train loss`` is of the last training batches, as in peft. What was not measured is 0 (memory but its
    peak, all parameters) or empty (times of day); ``train total tokens`` counts padding.
    """
    folder.mkdir(parents=True, exist_ok=True)
    trials = [result for result in record.results if result.rankable and result.state is TrialState.COMPLETE]
    usable = [
        (result, score)
        for result in trials
        for score in [score for score in result.scores if metric(score, ACCURACY) is not None][:1]
    ]
    return [_write(record, result, score, folder) for result, score in usable]


def _from_csv(path: Path) -> list[TrialResult]:
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        absent = [name for name in NEEDED if name not in (reader.fieldnames or ())]
        if absent:
            raise ConfigError(f"{path}: columns {', '.join(absent)} are missing; found {reader.fieldnames}")
        return [_from_line(path, number, line) for number, line in enumerate(reader)]


def _from_line(path: Path, number: int, line: Mapping[str, str]) -> TrialResult:
    try:
        steps = re.search(r"steps(\d+)", line["experiment"])
        return _result(
            number,
            name=line["experiment"],
            method=line["peft_type"],
            rate=nan,
            steps=int(steps[1]) if steps else STEPS,
            losses={},
            last=float(line["final_train_loss"] or nan),
            accuracy=float(line["test_accuracy"] or nan),
            cost=Cost(
                float(line["train_time_s"] or 0),
                float(line["memory_max_bytes"] or 0) / MIB,
                int(line["num_trainable_params"] or 0),
                int(line["file_size_bytes"] or 0),
                _base_parameters(line.get("num_total_params"), line["num_trainable_params"]),
            ),
            status=line["status"],
        )
    except ValueError as error:
        raise ConfigError(f"{path}:{number + 2}: {error}") from error


def _from_json(path: Path, number: int) -> TrialResult:
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        run, train = raw["run_info"], raw["train_info"]
        setup, metrics = run["train_config"], train["metrics"]
        last: Mapping[str, Any] = next((entry for entry in reversed(metrics) if "test accuracy" in entry), {})
        return _result(
            number,
            name=run["experiment_name"],
            method=(run["peft_config"] or {"peft_type": FULL})["peft_type"],
            rate=nan if (rate := setup["optimizer_kwargs"]["lr"]) is None else float(rate),
            steps=setup["max_steps"],
            losses={entry["step"]: entry["train loss"] for entry in metrics if "test accuracy" not in entry},
            last=last.get("train loss", nan),
            accuracy=last.get("test accuracy", nan),
            cost=Cost(
                train["train_time"],
                train.get("accelerator_memory_max", train.get("cuda_memory_max", 0)) / MIB,  # renamed in 2025
                train["num_trainable_params"],
                train["file_size"],
                _base_parameters(train.get("num_total_params"), train["num_trainable_params"]),
            ),
            status=train["status"],
            model=setup["model_id"],
            seed=setup.get("seed", 0),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"{path}: is no result of peft's method_comparison ({type(error).__name__}: {error})."
        ) from error


def _result(
    number: int,
    *,
    name: str,
    method: str,
    rate: float,
    steps: int,
    losses: Mapping[int, float],
    last: float,
    accuracy: float,
    cost: Cost,
    status: str,
    model: str = "meta-llama/Llama-3.2-3B",
    seed: int = 0,
) -> TrialResult:
    all_weights = method.lower().startswith(FULL)
    traits = WHOLE_MODEL if all_weights else MethodTraits()
    method = FULL if all_weights else f"peft:{method}"
    recipe = Recipe(learning_rate=rate, max_steps=steps)
    data = DataRef("meta-math/MetaMathQA")
    spec = TrialSpec(
        "peft", number, method, {"experiment": name}, recipe, ModelRef(model), data, seed, traits
    )
    success = status == "success"
    losses_by_step = {**losses, steps: last} if success else losses
    points = tuple(
        ValidationPoint(step, loss, loss, cost.seconds * step / steps)
        for step, loss in losses_by_step.items()
    )
    scores = (_score(accuracy),) if finite(accuracy) is not None else ()
    state = TrialState.COMPLETE if success else TrialState.FAILED
    return TrialResult(spec, state, points, cost, None, scores, "" if success else status)


def _base_parameters(total: str | int | None, trainable: str | int | None) -> int:
    """peft counts a method's parameters with the base's, and those of full fine-tuning once."""
    total_count, trainable_count = int(total or 0), int(trainable or 0)
    return total_count if total_count == trainable_count else max(0, total_count - trainable_count)


def _total_parameters(spec: TrialSpec, cost: Cost) -> int:
    method_count = 0 if spec.traits.trains_whole_model else cost.trainable_parameters
    return cost.base_parameters + method_count if cost.base_parameters else 0


def _score(accuracy: float) -> Score:
    share = round(accuracy * PROBLEMS) / PROBLEMS
    return Score(TASK, {ACCURACY: accuracy}, {ACCURACY: wilson(share, PROBLEMS)}, PROBLEMS, 1)


def _write(record: StudyRecord, result: TrialResult, score: Score, folder: Path) -> Path:
    spec, cost, recipe = result.spec, result.cost, result.spec.recipe
    kind = spec.method.removeprefix("peft:").upper()
    peft_config = None if spec.traits.trains_whole_model else {"peft_type": kind, **spec.hyperparameters}
    memory = round(cost.peak_memory_mib * MIB)
    content = {
        "run_info": {
            "created_at": "",
            "total_time": cost.seconds,
            "experiment_name": f"{spec.method}/{spec.label}",
            "peft_branch": "",
            "train_config": {
                "model_id": spec.model.id,
                "dtype": spec.model.dtype,
                "max_seq_length": spec.data.sequence_length,
                "batch_size": recipe.batch_size,
                "max_steps": recipe.max_steps,
                "eval_steps": recipe.validate_every,
                "seed": spec.seed,
                "grad_norm_clip": recipe.max_grad_norm,
                "optimizer_type": "AdamW",
                "optimizer_kwargs": {"lr": finite(recipe.learning_rate), "weight_decay": recipe.weight_decay},
                "lr_scheduler": recipe.schedule,
            },
            "peft_config": peft_config,
            "error_msg": result.reason,
        },
        "train_info": {
            "accelerator_memory_reserved_avg": 0,
            "accelerator_memory_max": memory,
            "accelerator_memory_reserved_99th": 0,
            "train_time": cost.seconds,
            "file_size": cost.adapter_bytes,
            "num_trainable_params": cost.trainable_parameters,
            "num_total_params": _total_parameters(spec, cost),
            "status": "success" if result.state is TrialState.COMPLETE else result.state.value,
            "metrics": _metrics(result, score),
        },
        "meta_info": {
            "model_info": {"sha": spec.model.revision, "created_at": ""},
            "dataset_info": {spec.data.name: {"sha": spec.data.revision, "created_at": ""}},
            "package_info": _packages(record.provenance),
            "system_info": {"machine": record.provenance.machine},
            "pytorch_info": "",
        },
    }
    path = folder / f"{spec.label}.json"
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return path


PACKAGES = ("transformers", "peft", "datasets", "bitsandbytes", "torch")


def _packages(provenance: Provenance) -> dict[str, str | None]:
    return {f"{name}-version": provenance.packages.get(name) for name in PACKAGES}


def _metrics(result: TrialResult, score: Score) -> list[dict[str, Any]]:
    """Every validation, then the test, of a trial that has both."""
    last = result.points[-1]
    tokens = last.step * result.spec.recipe.batch_size * result.spec.data.sequence_length
    end = {
        **_measurement(result, last),
        "test accuracy": score.metrics[ACCURACY],
        "train total tokens": tokens,
    }
    return [*({**_measurement(result, point), "validation loss": point.loss} for point in result.points), end]


def _measurement(result: TrialResult, point: ValidationPoint) -> dict[str, Any]:
    return {
        "step": point.step,
        "train loss": point.train_loss,
        "train samples": point.step * result.spec.recipe.batch_size,
        "elapsed time": point.seconds,
    }
