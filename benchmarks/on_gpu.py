"""The same comparisons on one GPU, on a model of StarCoder-1B's shape. Run by ``make bench-gpu``.

The weights are random and made here, so nothing is downloaded; the base is loaded from disk as any other, in
bf16 and in 8 bits. Sixteen mixed trials, in passes that they share against taking turns, with steps of 64,
256 and 2048 tokens; and the GPU memory that one more trial takes. Figures are wall time, synchronised with
the GPU. Without a GPU only ``--shape tiny --device cpu`` makes sense: it runs the same code and writes
nothing.
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, GPTBigCodeConfig

from astraios_ray.models.load_base import Base, load_base
from astraios_ray.models.nano import nano_tokenizer
from astraios_ray.records import ModelRef
from astraios_ray.training.memory_meter import MemoryMeter
from astraios_ray.training.pass_packing import GPU_TOKENS, PassPacker
from astraios_ray.training.runtime import SingleProcess
from benchmarks.packed_training import TRIALS, VOCABULARY, measured, step, trainers_of, wait_for
from benchmarks.results import Case, write_results

ENDS = {"bos_token_id": 0, "eos_token_id": 0, "pad_token_id": 0}
SHAPES = {
    # bigcode/starcoderbase-1b, config.json: 24 layers of 2048, 16 heads, one key and value head
    "starcoder-1b": GPTBigCodeConfig(
        vocab_size=49152, n_positions=8192, n_embd=2048, n_layer=24, n_head=16, n_inner=8192, **ENDS
    ),
    "tiny": GPTBigCodeConfig(vocab_size=VOCABULARY, n_positions=96, n_embd=32, n_layer=2, n_head=4, **ENDS),
}
SIZES = {64: (1, 64), 256: (1, 256), 2048: (1, 2048)}  # tokens of a trial's step: rows, tokens of a row
TARGETS = {64: 6.0, 256: 3.0, 2048: 1.2}  # times as fast; estimates
TARGET_MEMORY, EXTRA = 5.0, 8
QUANTIZATIONS = {"bf16": "none", "int8": "int8"}


def main() -> None:
    """Measure, print, write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", choices=SHAPES, default="starcoder-1b")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    if options.device == "cuda" and not torch.cuda.is_available():
        raise SystemExit("make bench-gpu: torch sees no GPU here (see python -m astraios_ray doctor).")
    sizes = list(SIZES) if options.shape != "tiny" else [64]
    results = cases(options.shape, options.device, options.rounds, sizes)
    for case in results:
        print(f"{case.case}: {case.baseline:.1f} and {case.ours:.1f} {case.unit}, {case.ratio:.2f} times")
    if options.device == "cuda":
        print(f"written to {write_results(results)}")


def cases(shape: str, device: str, rounds: int, sizes: Sequence[int]) -> list[Case]:
    """Every case for both kinds of base."""
    results = []
    with tempfile.TemporaryDirectory() as folder:
        _write_model(shape, Path(folder), device)
        for kind, quantization in QUANTIZATIONS.items():
            base = load_base(ModelRef(folder, dtype="bf16", quantization=quantization), device)
            results += [_speed(base, kind, size, rounds, device) for size in sizes]
            results.append(_memory(base, kind, max(sizes), device))
            del base
    return results


def _write_model(shape: str, folder: Path, device: str) -> None:
    """Random weights of the shape, as a folder that transformers reads."""
    torch.manual_seed(0)
    with torch.device(device):
        model = AutoModelForCausalLM.from_config(SHAPES[shape], dtype=torch.bfloat16)
    model.save_pretrained(folder)
    nano_tokenizer().save_pretrained(folder)


def _speed(base: Base, kind: str, size: int, rounds: int, device: str) -> Case:
    trainers = trainers_of(base, *SIZES[size], device=device)
    turns, packed = (speed.wall for speed in measured(trainers, (0, GPU_TOKENS), rounds, device))
    limit = "peak of the GPU's matrix products"
    return Case(f"pack_train_{kind}_{size}", turns, packed, "ms", turns / packed, TARGETS[size], limit)


def _memory(base: Base, kind: str, size: int, device: str) -> Case:
    """The baseline is a process of its own: base, trial and the activations of its step."""
    single, many = (_peak(base, size, trials, device) for trials in (1, 1 + EXTRA))
    extra = max((many - single) / EXTRA, 1e-3)
    limit = "the adapter, its gradients, two moments; activations of a shared pass"
    return Case(f"trial_memory_{kind}", single, extra, "MiB", single / extra, TARGET_MEMORY, limit)


def _peak(base: Base, size: int, trials: int, device: str) -> float:
    trainers = trainers_of(base, *SIZES[size], trials=TRIALS[:trials], device=device)
    packer, meter = PassPacker(SingleProcess(device), GPU_TOKENS), MemoryMeter(device)
    step(packer, trainers)
    meter.begin()
    step(packer, trainers)
    wait_for(device)
    return meter.mib()


if __name__ == "__main__":
    main()
