"""A whole search of sixteen trials: ours, against Ray Tune with transformers' Trainer and peft in each trial.

Both are commands, timed from their start to their end: interpreter, Ray, base model and rows included, on
all cores of this machine. The trials are the same, of the methods that peft has, with the same initial
values, rows at every step, validation rows and cadence; the difference of their losses is a case of its own.
Equal work: every trial to its end. Equal quality: ours stops early. The third comparison is with the baseline
at its best settings (benchmarks/tune_trainer.py --tuned).
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Any

import torch

from astraios_ray.config.study import StudyConfig
from astraios_ray.search.journal import read_journal
from astraios_ray.training.multi_trainer import ModelCache
from astraios_ray.training.order import rows_of_step
from astraios_ray.training.pretrain import builtin_model
from benchmarks.results import Case, write_results

MODEL = "nano-s"
TRIALS: Sequence[tuple[str, Mapping[str, Any]]] = (
    *(("lora", {"r": r, "learning_rate": c}) for r in (2, 4, 8, 16) for c in (4e-3, 2e-2)),
    *(("ia3", {"learning_rate": c}) for c in (1e-2, 3e-2, 6e-2, 1.2e-1)),
    *(("p_tuning", {"virtual_tokens": n, "learning_rate": c}) for n in (4, 8) for c in (4e-3, 1.2e-2)),
)
STUDY: Mapping[str, Any] = {
    "name": "sixteen",
    "model": {"id": f"builtin:{MODEL}", "dtype": "fp32"},
    "data": {
        "train": "builtin:primer",
        "validation_fraction": 0.02,
        "sequence_length": 80,
        "packing": "rows",
        "loss_on": "completion",
    },
    "training": {"max_steps": 90, "batch_size": 8, "warmup_steps": 9, "validate_every": 10},
    "search": {"sampler": "random"},
    "budget": {"trials": len(TRIALS)},
    "methods": {
        "lora": {"r": {"values": [2, 4, 8, 16]}, "alpha": 16, "dropout": 0.0},
        "ia3": {},
        "p_tuning": {"virtual_tokens": {"values": [4, 8]}},
    },
    "defaults": {"learning_rate": {"min": 1e-3, "max": 2e-1, "log": True}},
    "enqueue": [{"method": method, **values} for method, values in TRIALS],
    "evaluate": {"which": "none"},
    "tracking": {"mlflow": False},
}
EARLY_STOP = {"grace": 10, "reduction": 3, "keep_per_method": 0, "audit_fraction": 0.0}
PEFT = {"lora": "LoraConfig", "ia3": "IA3Config", "p_tuning": "PromptEncoderConfig"}
LINEAR = ["c_attn", "attn.c_proj", "mlp.c_proj"]  # of GPTBigCode, as Astraios adapts it
SECONDS = 1800.0  # for one search, before it counts as hanging
SAME = 1e-3  # nats per token: the largest difference allowed between two trainings of one trial

Losses = Sequence[Mapping[int, float]]  # of each trial, by step


@dataclass(frozen=True)
class Run:
    """One command: its seconds, the training seconds that its trials report, and their losses."""

    seconds: float
    trained: float  # seconds of all trials together, as they count them
    losses: Losses

    @property
    def best(self) -> float:
        """The loss of the best trial that was trained to its end."""
        last = STUDY["training"]["max_steps"]
        return min(losses[last] for losses in self.losses if last in losses)

    @property
    def steps(self) -> int:
        """Training steps of all trials."""
        return sum(max(losses) for losses in self.losses)


def main() -> None:
    """Run all in turns, print the ratios, write them down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    ways: Mapping[str, Callable[[Path], Run]] = {
        "plain": run_tune,
        "all": partial(run_astraios, rule="none"),
        "tuned": partial(run_tune, options=["--tuned"]),
        "halving": partial(run_astraios, rule="halving"),
    }
    runs: dict[str, list[Run]] = {name: [] for name in ways}
    for _ in range(options.rounds):
        for name, way in ways.items():
            with tempfile.TemporaryDirectory() as folder:
                run = way(Path(folder))
            runs[name].append(run)
            figures = f"{run.steps} steps in {run.trained:.1f} s of the trials' own, best {run.best:.4f}"
            print(f"{name:8} {run.seconds:6.1f} s, {figures}", flush=True)
    print(f"written to {write_results(_cases(runs))}")


def run_astraios(folder: Path, rule: str) -> Run:
    """``astraios-ray search`` on the sixteen trials."""
    grace = STUDY["training"]["max_steps"] - 10 if rule == "none" else EARLY_STOP["grace"]
    study = {**STUDY, "early_stop": {**EARLY_STOP, "rule": rule, "grace": grace}, "output": str(folder)}
    (folder / "study.yaml").write_text(json.dumps(study))
    command = [sys.executable, "-m", "astraios_ray", "search", str(folder / "study.yaml"), "--quiet"]
    seconds = _timed(command)
    losses: dict[str, dict[int, float]] = {}
    trained: dict[str, float] = {}
    for record in read_journal(folder / STUDY["name"] / "journal.jsonl"):
        if record["kind"] == "train_report":
            train_report = record["train_report"]
            points = {point["step"]: point["loss"] for point in train_report["points"]}
            losses.setdefault(train_report["trial"], {}).update(points)
            trained[train_report["trial"]] = train_report["cost"]["seconds"]
    return Run(seconds, sum(trained.values()), [losses[trial] for trial in sorted(losses)])


def run_tune(folder: Path, options: Sequence[str] = ()) -> Run:
    """``benchmarks.tune_trainer`` on the same trials. Its rows are tokenised before the clock starts."""
    _write_work(folder)
    command = [
        sys.executable,
        "-m",
        "benchmarks.tune_trainer",
        str(folder / "work.json"),
        str(folder / "out.json"),
    ]
    seconds = _timed([*command, *options])
    out = json.loads((folder / "out.json").read_text())
    losses = [{int(step): loss for step, loss in of.items()} for of in out["losses"]]
    return Run(seconds, out["trained"], losses)


def _timed(command: Sequence[str]) -> float:
    started = monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=SECONDS)
    return monotonic() - started


def _write_work(folder: Path) -> None:
    study = StudyConfig.model_validate({**STUDY, "early_stop": EARLY_STOP})
    recipe, seed = study.training.recipe(), study.search.seed
    blocks = ModelCache().blocks(study.model.ref(), study.data_ref())
    order = [
        rows_of_step(step, recipe.batch_size, len(blocks.train), seed) for step in range(recipe.max_steps)
    ]
    train = vars(blocks.train.at(torch.cat(order)))
    validation = vars(blocks.validation.at(torch.arange(len(blocks.validation))))
    torch.save({"train": train, "validation": validation}, folder / "rows.pt")
    work = {
        "model": str(builtin_model(MODEL)),
        "rows": str(folder / "rows.pt"),
        "recipe": asdict(recipe),
        "early_stop": EARLY_STOP,
        "seed": seed,
        "trials": [_trial(method, values) for method, values in TRIALS],
    }
    (folder / "work.json").write_text(json.dumps(work))


def _trial(method: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The trial in peft's words."""
    match method:
        case "lora":
            config: dict[str, Any] = {"r": values["r"], "lora_alpha": 16, "target_modules": LINEAR}
        case "ia3":
            config = {"target_modules": ["c_attn", "mlp.c_proj"], "feedforward_modules": ["mlp.c_proj"]}
        case _:
            config = {"num_virtual_tokens": values["virtual_tokens"], "num_transformer_submodules": 1}
    return {"config": PEFT[method], "values": config, "learning_rate": values["learning_rate"]}


def _cases(runs: Mapping[str, Sequence[Run]]) -> list[Case]:
    plain, every, tuned, halving = (
        median(run.seconds for run in runs[name]) for name in ("plain", "all", "tuned", "halving")
    )
    difference = max(
        abs(losses[step] - baseline_losses[step])
        for losses, baseline_losses in zip(runs["all"][0].losses, runs["plain"][0].losses, strict=True)
        for step in baseline_losses
    )
    loss_gap = runs["halving"][0].best - runs["plain"][0].best
    start = "start of Ray, base and rows, once"
    pruned = f"{start}; {runs['halving'][0].steps / runs['all'][0].steps:.0%} of the training"
    return [
        _faster("search_equal_work", plain, every, 2.5, f"{start}; the training itself"),
        _faster("search_equal_quality", plain, halving, 8.0, pruned),
        _faster("search_vs_tuned", tuned, halving, 2.5, pruned),
        _within(
            "search_same_losses",
            difference,
            "nats per token, largest difference of a trial's loss",
            "rounding",
        ),
        _within("search_same_winner", loss_gap, "nats per token, lost by stopping early", "0"),
    ]


def _faster(case: str, baseline: float, ours: float, target: float, limit: str) -> Case:
    return Case(case, baseline, ours, "s of wall time, 16 trials", baseline / ours, target, limit)


def _within(case: str, value: float, unit: str, limit: str) -> Case:
    counted = max(value, 1e-6)  # smaller differences count as this
    return Case(case, SAME, counted, unit, SAME / counted, 1.0, limit)


if __name__ == "__main__":
    main()
