"""The usual way, as a baseline: Ray Tune, one trial a process, transformers' Trainer and peft in each.

``python -m benchmarks.tune_trainer work.json result.json [--tuned]`` trains the trials that ``work.json``
names, two at a time with a core each. Plainly, every trial has a process of its own, as Tune's guides have
it, and runs to its end. ``--tuned`` has the best settings of a user: processes are used again and keep the
base's weights, padding ends with a batch's longest row, and Ray's ASHA stops trials.
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.trainer_trial import train

CONCURRENT = 2


def main() -> None:
    """Train all, write the validation losses by trial and step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("result", type=Path)
    parser.add_argument("--tuned", action="store_true")
    options = parser.parse_args()
    import ray
    from ray import tune
    from ray.tune.schedulers import ASHAScheduler

    work = json.loads(options.work.read_text())
    ray.init(address="local", num_cpus=CONCURRENT, include_dashboard=False, log_to_driver=False)
    stop = work["early_stop"]
    asha = ASHAScheduler(
        time_attr="step",
        max_t=work["recipe"]["max_steps"],
        grace_period=stop["grace"],
        reduction_factor=stop["reduction"],
    )
    with tempfile.TemporaryDirectory() as folder:
        grid = tune.Tuner(
            tune.with_resources(train, {"cpu": 1}),
            param_space={
                "trial": tune.grid_search(work["trials"]),
                "work": {key: value for key, value in work.items() if key != "trials"},
                "trim": options.tuned,
            },
            tune_config=tune.TuneConfig(
                metric="loss",
                mode="min",
                max_concurrent_trials=CONCURRENT,
                reuse_actors=options.tuned,
                scheduler=asha if options.tuned else None,
            ),
            run_config=tune.RunConfig(storage_path=folder, verbose=0),
        ).fit()
        assert not grid.errors, grid.errors
        losses = [_losses(result.metrics_dataframe) for result in grid]
        seconds = sum(result.metrics["time_total_s"] for result in grid)  # imports and base included
    options.result.write_text(json.dumps({"losses": losses, "trained": seconds}))


def _losses(reported: Any) -> dict[int, float]:
    return dict(zip(map(int, reported["step"]), map(float, reported["loss"]), strict=True))


if __name__ == "__main__":
    main()
