"""Losses without the logits of a whole batch, against the model's own loss: peak memory, and time.

One forward and backward pass of LoRA on a random model with StarCoder's vocabulary, 1020 tokens with labels,
in turns in one process. Memory is the peak of what torch allocates on the CPU during the pass, counted by its
profiler; time is CPU time, the median of the rounds. The losses are compared.
"""

import argparse
from collections.abc import Callable, Sequence
from statistics import median
from time import process_time
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile
from transformers import GPTBigCodeConfig, GPTBigCodeForCausalLM

from astraios_ray.methods import build
from astraios_ray.models.target_modules import find_target_modules
from astraios_ray.shared_pass.chunked_loss import mean_losses, next_tokens, try_head
from benchmarks.results import Case, write_results

VOCABULARY, WIDTH, ROWS, LENGTH = 49152, 256, 4, 256
TARGET_MEMORY, TARGET_TIME = 2.3, 1.0  # times less


def main() -> None:
    """Measure, print, write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    ways = _ways()
    losses = [way() for way in ways]
    assert abs(losses[0] - losses[1]) < 1e-5, f"other losses: {losses}"
    baseline, ours = (_peak_mib(way) for way in ways)
    slow, quick = _milliseconds(ways, options.rounds)
    print(f"peak {baseline:.0f} and {ours:.0f} MiB, CPU {slow:.0f} and {quick:.0f} ms")
    memory_limit, time_limit = "the activations of the layers", "the head's two products"
    path = write_results(
        [
            Case(
                "loss_memory", baseline, ours, "MiB at the peak", baseline / ours, TARGET_MEMORY, memory_limit
            ),
            Case("loss_time", slow, quick, "CPU ms", slow / quick, TARGET_TIME, time_limit),
        ]
    )
    print(f"written to {path}")


def _ways() -> list[Callable[[], float]]:
    """The model's own loss and ours; each call leaves the gradients of one pass."""
    torch.manual_seed(0)
    config = GPTBigCodeConfig(
        vocab_size=VOCABULARY, n_positions=LENGTH, n_embd=WIDTH, n_layer=2, n_head=4,
        bos_token_id=0, eos_token_id=0,
    )  # fmt: skip
    base: Any = GPTBigCodeForCausalLM(config).eval().requires_grad_(False)
    try_head(base)
    tuned = build("lora", {}).apply(base, find_target_modules(base, None), 0)
    tuned.attach()
    ids = torch.randint(VOCABULARY, (ROWS, LENGTH))

    def model_loss() -> float:
        return _backward(tuned.model(input_ids=ids, labels=ids, use_cache=False).loss)

    def chunked_loss() -> float:
        (loss,) = mean_losses(base, lambda: base(input_ids=ids, use_cache=False), [next_tokens(ids)])
        return _backward(loss)

    def _backward(loss: torch.Tensor) -> float:
        for parameter in tuned.trainable().values():
            parameter.grad = None
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it without types
        return float(loss.detach())

    return [model_loss, chunked_loss]


def _peak_mib(way: Callable[[], float]) -> float:
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiling:
        way()
    now = peak = 0
    events: Any = profiling.profiler
    for event in events.kineto_results.events():
        if event.name() == "[memory]":
            now += event.nbytes()
            peak = max(peak, now)
    return peak / 2**20


def _milliseconds(ways: Sequence[Callable[[], float]], rounds: int) -> list[float]:
    times_by_way: list[list[float]] = [[] for _ in ways]
    for _ in range(rounds):
        for way, times in zip(ways, times_by_way, strict=True):
            started = process_time()
            way()
            times.append(1000 * (process_time() - started))
    return [median(times) for times in times_by_way]


if __name__ == "__main__":
    main()
