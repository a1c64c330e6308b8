"""Sixteen mixed trials on one base: in passes that they share, against taking turns on it.

Both train the same trainers with the same code, in one process, in turns (A, B, A, B, ...); the baseline is
one trial per pass. Two random models, three sizes of a trial's own step. Figures are CPU time of this process
per trial and step (other work on the machine does not count), the median over the rounds; wall time is
printed beside it. ``--sweep`` prints the speed for several budgets of tokens. The last case is the
largest difference of trained parameters after 40 steps.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter, process_time
from typing import Any, cast

import torch
from transformers import GPT2Config, GPT2LMHeadModel

from astraios_ray.data.tokenise import Blocks, Rows
from astraios_ray.models.load_base import Base
from astraios_ray.models.nano import random_model
from astraios_ray.models.target_modules import find_target_modules
from astraios_ray.records import DataRef, ModelRef, Recipe, TrialSpec, Value
from astraios_ray.training.pass_packing import CPU_TOKENS, PassPacker
from astraios_ray.training.runtime import SingleProcess
from astraios_ray.training.trial_trainer import TrialTrainer
from benchmarks.results import Case, write_results

VOCABULARY = 640
TRIALS: Sequence[tuple[str, Mapping[str, Value]]] = (
    *(("lora", {"r": r, "dropout": p}) for r in (4, 8, 16) for p in (0.0, 0.05)),
    *(("ia3", {}) for _ in range(2)),
    *((name, {"bottleneck": n}) for name in ("adapter_h", "adapter_p", "parallel") for n in (16, 32)),
    *(("p_tuning", {"virtual_tokens": 8}) for _ in range(2)),
)
SIZES = {64: (2, 32), 240: (3, 80), 960: (12, 80)}  # tokens of a trial's step: rows, tokens of a row
TARGETS = {64: 1.4, 240: 1.05, 960: 0.97}  # times as fast
EXACT, EXACT_STEPS = 1e-6, 40  # in fp32


@dataclass(frozen=True)
class Speed:
    """CPU and wall milliseconds per trial and step."""

    cpu: float
    wall: float


def main() -> None:
    """Measure, print, write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sweep", action="store_true", help="several budgets, nothing is written")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.sweep:
        _sweep(options.rounds)
        return
    cases = [_speed(name, size, options.rounds) for name in MODELS for size in SIZES]
    print(f"written to {write_results([*cases, _exactness()])}")


def _speed(name: str, size: int, rounds: int) -> Case:
    turns, packed = measured(trainers_of(MODELS[name](), *SIZES[size]), (0, CPU_TOKENS), rounds)
    case = f"pack_train_mixed_{name}_{size}"
    figures = f"CPU {turns.cpu:.1f} and {packed.cpu:.1f} ms, wall {turns.wall:.1f} and {packed.wall:.1f} ms"
    print(f"{case}: {figures}, {turns.cpu / packed.cpu:.2f} times", flush=True)
    limit = "the adapters' own work and the optimiser's, which are not shared"
    return Case(case, turns.cpu, packed.cpu, "CPU ms", turns.cpu / packed.cpu, TARGETS[size], limit)


def _sweep(rounds: int) -> None:
    budgets = (0, 128, 256, 512, 1024, 2048, 4096)
    for name in MODELS:
        for size in SIZES:
            speeds = measured(trainers_of(MODELS[name](), *SIZES[size]), budgets, rounds)
            gains = (
                f"{tokens}: {speeds[0].cpu / s.cpu:.2f}" for tokens, s in zip(budgets, speeds, strict=True)
            )
            print(f"{name} {size} tokens, {speeds[0].cpu:.2f} ms alone; {', '.join(gains)}", flush=True)


def measured(
    trainers: Sequence[TrialTrainer], budgets: Sequence[int], rounds: int, device: str = "cpu"
) -> list[Speed]:
    """The median speed with each budget, over ``rounds`` steps in turns after a first, uncounted one."""
    packers = [PassPacker(SingleProcess(device), tokens) for tokens in budgets]
    speeds_by_budget: list[list[Speed]] = [[] for _ in packers]
    for number in range(rounds + 1):
        for packer, speeds in zip(packers, speeds_by_budget, strict=True):
            wall, cpu = perf_counter(), process_time()
            step(packer, trainers)
            wait_for(device)
            cpu, wall = process_time() - cpu, perf_counter() - wall
            if number:
                speeds.append(Speed(1000 * cpu / len(trainers), 1000 * wall / len(trainers)))
    return [
        Speed(median(s.cpu for s in speeds), median(s.wall for s in speeds)) for speeds in speeds_by_budget
    ]


def wait_for(device: str) -> None:
    """Wait until the device has finished its work."""
    if device.startswith("cuda"):
        torch.cuda.synchronize(device)


def step(packer: PassPacker, trainers: Sequence[TrialTrainer]) -> None:
    """One optimiser step of every trainer. Raises the error of a trainer that broke down."""
    for group in packer.groups(trainers):
        for result in packer.step(group):
            if result.error:
                raise result.error


def _exactness() -> Case:
    separate, packed = (_trained(tokens) for tokens in (0, 1 << 20))
    difference = max(float((a - b).abs().max()) for a, b in zip(separate, packed, strict=True))
    print(f"pack_exact: parameters are {difference:.1e} apart after {EXACT_STEPS} steps")
    unit = "largest difference of a parameter"
    return Case("pack_exact_fp32", EXACT, difference, unit, EXACT / max(difference, 1e-12), 1.0, "0")


def _trained(tokens: int) -> list[torch.Tensor]:
    trainers, packer = trainers_of(_nano(), *SIZES[240]), PassPacker(SingleProcess(), tokens)
    for _ in range(EXACT_STEPS):
        step(packer, trainers)
    return [p.detach() for trainer in trainers for p in trainer.tuned.trainable().values()]


def trainers_of(
    base: Base,
    rows: int,
    length: int,
    *,
    trials: Sequence[tuple[str, Mapping[str, Value]]] = TRIALS,
    device: str = "cpu",
) -> list[TrialTrainer]:
    """``trials`` on ``base``, each with steps of ``rows`` random rows of ``length`` tokens."""
    blocks = Blocks(_rows(64, length), _rows(4, length))
    recipe, runtime = (
        Recipe(learning_rate=1e-3, max_steps=1000, batch_size=rows, warmup_steps=4),
        SingleProcess(device),
    )
    return [
        TrialTrainer(
            base,
            blocks,
            TrialSpec("speed", number, method, values, recipe, base.ref, DATA, seed=number),
            runtime,
        )
        for number, (method, values) in enumerate(trials)
    ]


def _rows(count: int, length: int) -> Rows:
    """Random rows of which every third is padded to ``length``."""
    ids = torch.randint(VOCABULARY, (count, length), generator=torch.Generator().manual_seed(length))
    labels, mask = ids.clone(), torch.ones_like(ids)
    labels[:, 0] = -100
    labels[::3, -length // 4 :], mask[::3, -length // 4 :] = -100, 0
    return Rows(ids, labels, mask)


def _base(model: Any, architecture: str) -> Base:
    frozen = model.requires_grad_(False).eval()
    frozen.config.use_cache = False
    return Base(frozen, cast(Any, None), find_target_modules(frozen, None), ModelRef("random"), "random")


def _nano() -> Base:
    return _base(random_model("nano-s", seed=0), "GPTBigCode")


def _wide() -> Base:
    """Four times as wide as nano-s, in GPT-2's shape."""
    ends = {"bos_token_id": 0, "eos_token_id": 0}
    config = GPT2Config(vocab_size=VOCABULARY, n_positions=512, n_embd=512, n_layer=4, n_head=8, **ends)
    torch.manual_seed(0)
    return _base(GPT2LMHeadModel(config), "GPT2")


DATA = DataRef("random rows")
MODELS: Mapping[str, Callable[[], Base]] = {"nano-s": _nano, "wide": _wide}

if __name__ == "__main__":
    main()
