"""Rows without their padding, against batches that end with their longest row; and activation checkpointing.

Rows are as long as the functions of Python's own library, in Python's tokens, at most 256; eight to a pass,
in random order and, the best that padding can do, sorted by length. Both ways train LoRA through the same
code on the same rows, in turns, in one process: CPU time of all passes, the median over the rounds.
Checkpointing is measured on the same passes; its memory is that of StarCoder-1B's shape, as ``plan`` has it.
"""

import argparse
import ast
import io
import random
import sysconfig
import tokenize
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from itertools import islice
from pathlib import Path
from statistics import mean, median
from textwrap import dedent
from time import process_time

import torch
from transformers import GPTBigCodeConfig

from astraios_ray.methods import TunedModel, build
from astraios_ray.methods.method import outlined
from astraios_ray.models.load_base import empty_from
from astraios_ray.models.target_modules import find_target_modules
from astraios_ray.training.memory_trace import trace
from astraios_ray.training.passes import MicroBatch, backward
from benchmarks.packed_training import MODELS, VOCABULARY
from benchmarks.results import Case, write_results

MOST, ROWS, PASSES = 256, 8, 6
LORA = {"r": 8, "dropout": 0.0}
Passes = Sequence[MicroBatch]


def main() -> None:
    """Measure, print, write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(1)
    model = MODELS["wide"]().model
    tuned = build("lora", LORA).apply(model, find_target_modules(model, None), 0)
    lengths = list(function_lengths())
    random.Random(0).shuffle(lengths)
    lengths = lengths[: ROWS * PASSES]
    print(f"{len(lengths)} rows of {mean(lengths):.0f} tokens, median {median(lengths):.0f}")
    path = write_results(
        [
            _without_padding(tuned, "padfree_random", lengths, 2.2, options.rounds),
            _without_padding(tuned, "padfree_grouped", sorted(lengths), 1.0, options.rounds),
            _time_of_checkpointing(tuned, lengths, options.rounds),
            _memory_of_checkpointing(),
        ]
    )
    print(f"written to {path}")


def function_lengths() -> Iterator[int]:
    """Tokens of every function of the library, cut at MOST, module by module."""
    for file in sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py")):
        source = file.read_text(errors="replace")
        lines = source.splitlines(keepends=True)
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef):
                text = io.StringIO(dedent("".join(lines[node.lineno - 1 : node.end_lineno])))
                yield sum(1 for _ in islice(tokenize.generate_tokens(text.readline), MOST))


def _without_padding(
    tuned: TunedModel, case: str, lengths: Sequence[int], target: float, rounds: int
) -> Case:
    padded, real = sum(len(group) * max(group) for group in _groups(lengths)), sum(lengths)
    padded_passes, real_passes = (
        [_part(tuned, group, unpadded=way) for group in _groups(lengths)] for way in (False, True)
    )
    limit = f"its {padded / real:.2f} tokens for each real one; attention keeps its padding"
    return _faster(case, padded_passes, real_passes, target, limit, rounds)


def _time_of_checkpointing(tuned: TunedModel, lengths: Sequence[int], rounds: int) -> Case:
    plain, recomputing = (
        [_part(tuned, group, unpadded=True, recompute=way) for group in _groups(lengths)]
        for way in (False, True)
    )
    limit = "a forward pass twice: 2 of 3 units of time, beside a frozen base"
    return _faster("recompute_time", plain, recomputing, 0.6, limit, rounds)


def _memory_of_checkpointing() -> Case:
    """Of StarCoder-1B's shape (Hugging Face, bigcode/starcoderbase-1b), one row of 2048 tokens in float32."""
    shape = {"n_embd": 2048, "n_layer": 24, "n_head": 16, "n_inner": 8192, "n_positions": 8192}
    ends = {"bos_token_id": 0, "eos_token_id": 0}
    model = empty_from(GPTBigCodeConfig(vocab_size=49152, **shape, **ends))
    tuned = outlined("lora", LORA, model, find_target_modules(model, None))
    plain, recomputing = (
        trace([tuned], (1, 2048), padded=False, recompute=way).peak / 2**20 for way in (False, True)
    )
    print(f"activations {plain:.0f} and {recomputing:.0f} MiB")
    unit = "MiB beside the base, counted"
    return Case(
        "recompute_memory",
        plain,
        recomputing,
        unit,
        plain / recomputing,
        4.0,
        "one block's, and the input of each",
    )


def _groups(lengths: Sequence[int]) -> list[Sequence[int]]:
    return [lengths[start : start + ROWS] for start in range(0, len(lengths), ROWS)]


def _part(
    tuned: TunedModel, lengths: Sequence[int], *, unpadded: bool, recompute: bool = False
) -> MicroBatch:
    generator = torch.Generator().manual_seed(sum(lengths))
    ids = torch.randint(VOCABULARY, (len(lengths), max(lengths)), generator=generator)
    mask = (torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]).long()
    batch = {"input_ids": ids, "attention_mask": mask, "labels": ids.masked_fill(mask == 0, -100)}
    return MicroBatch(tuned, nullcontext(), batch, 1.0, unpadded, recompute)


def _faster(case: str, baseline: Passes, ours: Passes, target: float, limit: str, rounds: int) -> Case:
    times_by_way: list[list[float]] = [[], []]
    for number in range(rounds + 1):
        for passes, times in zip((baseline, ours), times_by_way, strict=True):
            started = process_time()
            for part in passes:
                backward([[part]])
            if number:  # the first is to warm up
                times.append(1000 * (process_time() - started) / len(passes))
    slow, quick = map(median, times_by_way)
    print(f"{case}: CPU {slow:.0f} and {quick:.0f} ms a pass, {slow / quick:.2f} times", flush=True)
    return Case(case, slow, quick, "CPU ms a pass", slow / quick, target, limit)


if __name__ == "__main__":
    main()
