"""The memory of one more trial: in a lane that has its base already, against a process of its own.

Each figure is the peak of a fresh process that trains trials of mixed methods for a few steps, without
memory that it shares with other processes, such as library files. An extra trial is the mean over eight.
"""

import argparse
import resource
import subprocess
import sys

import psutil
import torch

from astraios_ray.training.pass_packing import CPU_TOKENS, PassPacker
from astraios_ray.training.runtime import SingleProcess
from benchmarks.packed_training import MODELS, TRIALS, step, trainers_of
from benchmarks.results import Case, write_results

EXTRA, STEPS = 8, 3
ROWS, LENGTH = 4, 128
TARGET = 4.0  # times less


def main() -> None:
    """Measure, print, write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, help="train so many here and print the MiB")
    options = parser.parse_args()
    if options.trials:
        print(peak_mib(options.trials))
        return
    single, many = (_in_a_process(trials) for trials in (1, 1 + EXTRA))
    extra = (many - single) / EXTRA
    print(f"a process of its own: {single:.0f} MiB; beside others: {extra:.1f} MiB a trial")
    limit = "the adapter, its gradients and two moments"
    case = Case("trial_memory", single, extra, "MiB", single / extra, TARGET, limit)
    print(f"written to {write_results([case])}")


def peak_mib(trials: int) -> float:
    """The peak memory of this process after training ``trials``, in MiB, without shared memory."""
    torch.set_num_threads(1)
    trainers = trainers_of(MODELS["wide"](), ROWS, LENGTH, trials=TRIALS[:trials])
    packer = PassPacker(SingleProcess(), CPU_TOKENS)
    for _ in range(STEPS):
        step(packer, trainers)
    memory = psutil.Process().memory_full_info()
    shared = float(memory.rss - memory.uss) / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - shared


def _in_a_process(trials: int) -> float:
    command = [sys.executable, "-m", "benchmarks.trial_memory", "--trials", f"{trials}"]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


if __name__ == "__main__":
    main()
