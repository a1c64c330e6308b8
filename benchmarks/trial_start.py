"""What a trial costs beyond its training: in a warm lane, against a fresh Tune trial with its own Train run.

Both train the same trials (LoRA on a random nano-xs, a few steps) with the same TrialTrainer, two at a time,
in one run on one Ray. The baseline is the documented pattern of Ray 2.60: a Tune function that builds a
TorchTrainer, whose worker loads the base, tokenises, trains and reports.
"""

import argparse
import os
import tempfile
from pathlib import Path
from statistics import fmean
from time import monotonic
from typing import Any

from astraios_ray.config.study import StudyConfig
from astraios_ray.methods import build, hyperparameters_of
from astraios_ray.methods.method import traits_of
from astraios_ray.on_ray import cluster
from astraios_ray.on_ray.lane_plan import LanePlan
from astraios_ray.on_ray.ray_backend import RayBackend
from astraios_ray.records import TrialSpec, decode, encode
from astraios_ray.search.journal import Journal
from astraios_ray.search.replay import Replay
from astraios_ray.search.searcher import open_searchers
from astraios_ray.search.trial_board import TrialBoard
from astraios_ray.space.make_specs import make_spec
from astraios_ray.space.space import build_space
from astraios_ray.tracking.files_tracker import FilesTracker
from benchmarks.results import Case, write_results
from tests.fakes.backends import tiny_study, write_model, write_rows

TARGET = 50.0  # times
TARGET_SECONDS = 1.0  # beyond its training, in a warm lane


def main() -> None:
    """Run both, print the ratio, write it down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=40, help="in warm lanes")
    parser.add_argument("--fresh", type=int, default=4, help="fresh trials")
    options = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    cluster.start(None, cpus=cores, sandboxes=1)
    with tempfile.TemporaryDirectory() as folder:
        study = _study(Path(folder), options.trials)
        fresh = _fresh(study, Path(folder), options.fresh, lanes=cores)
        warm = _warm(study, Path(folder), lanes=cores)
    ratio = fresh / warm
    path = write_results(
        [
            Case(
                "trial_start",
                fresh,
                warm,
                "s beyond training",
                ratio,
                TARGET,
                "adapter and optimiser set-up, ms",
            ),
            Case(
                "trial_overhead", TARGET_SECONDS, warm, "s beyond training", TARGET_SECONDS / warm, 1.0, "-"
            ),
        ]
    )
    print(f"fresh Tune + TorchTrainer: {fresh:.2f} s a trial beyond its training")
    print(f"warm lane:                 {warm:.3f} s, {ratio:.0f} times less; written to {path}")


def _study(folder: Path, trials: int) -> StudyConfig:
    return tiny_study(
        write_model(folder / "model"),
        write_rows(folder / "rows.jsonl"),
        budget={"trials": trials},
        early_stop={"rule": "none", "grace": 9},
        methods={"lora": {"r": [4, 8]}},
    )


def _warm(study: StudyConfig, folder: Path, lanes: int) -> float:
    """Lane-seconds per trial beyond its training, after the first trials of every lane."""
    space = build_space(study, hyperparameters_of, build)
    journal = Journal(folder / "journal.jsonl")
    board = TrialBoard(
        study,
        Replay.of(study).trials,
        open_searchers(study, space, folder),
        journal=journal,
        tracker=FilesTracker(folder),
    )
    backend = RayBackend(LanePlan(lanes, 2, 1, 1.0, 0.0), folder=folder, links={}, judges=None)
    ended: list[float] = []
    backend.train(board, lambda: ended.append(monotonic()))
    assert board.done
    assert len(ended) == len(board.results), "every trial is one TrainTask here"
    warmed = len(ended) // 4
    wall = (ended[-1] - ended[warmed]) / (len(ended) - 1 - warmed)
    training = fmean(result.cost.seconds for result in board.results[warmed:])
    backend.close()
    return wall * lanes - training


def _fresh(study: StudyConfig, folder: Path, trials: int, lanes: int) -> float:
    """Lane-seconds per trial beyond its training, each trial in a Train run of its own."""
    from ray import tune

    specs = [encode(make_spec(study, n, "lora", {"r": 4}, 0, traits_of)) for n in range(trials)]
    started = monotonic()
    grid = tune.Tuner(
        _driver,
        param_space={"spec": tune.grid_search(specs), "folder": str(folder)},
        tune_config=tune.TuneConfig(max_concurrent_trials=lanes),
        run_config=tune.RunConfig(name="fresh", storage_path=str(folder / "tune"), verbose=0),
    ).fit()
    wall = (monotonic() - started) / trials
    assert not grid.errors
    training = fmean(result.metrics["seconds"] for result in grid if result.metrics)
    return wall * lanes - training


def _driver(config: dict[str, Any]) -> None:
    from ray.train import RunConfig, ScalingConfig
    from ray.train.torch import TorchTrainer
    from ray.tune.integration.ray_train import TuneReportCallback

    number = decode(TrialSpec, config["spec"]).number
    TorchTrainer(
        _train,
        train_loop_config={"spec": config["spec"]},
        scaling_config=ScalingConfig(num_workers=1, resources_per_worker={"CPU": 0.5}),
        run_config=RunConfig(
            name=f"fresh-{number}", storage_path=config["folder"], callbacks=[TuneReportCallback()]
        ),
    ).fit()


def _train(config: dict[str, Any]) -> None:
    import torch
    from ray import train

    from astraios_ray.training.multi_trainer import ModelCache
    from astraios_ray.training.trial_trainer import TrialTrainer

    torch.set_num_threads(1)
    spec, models = decode(TrialSpec, config["spec"]), ModelCache()
    trainer = TrialTrainer(models.base(spec.model), models.blocks(spec.model, spec.data), spec)
    started = monotonic()
    for _ in range(spec.recipe.max_steps):
        trainer.step()
    train.report({"loss": trainer.validate(), "seconds": monotonic() - started})


if __name__ == "__main__":
    main()
