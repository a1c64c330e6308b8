"""The CPU features that change a loss: the same trials with instruction sets of this CPU switched off.

Each column is a form of a random model's weights; each row a fresh process with some instructions disabled,
as on a CPU without them. A figure is the largest difference of a training loss from the
process with all instructions, over ``STEPS`` steps of LoRA (and of full fine-tuning where weights are not
quantised); 0 means the same bits. The last row repeats the first.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from tempfile import TemporaryDirectory

import torch

from astraios_ray.data.packing import IGNORED
from astraios_ray.data.tokenise import Blocks, Rows
from astraios_ray.models.load_base import load_base
from astraios_ray.models.nano import VOCABULARY, nano_tokenizer, random_model
from astraios_ray.records import DataRef, ModelRef, Recipe, TrialSpec
from astraios_ray.training.trial_trainer import TrialTrainer

STEPS, ROWS, LENGTH = 40, 8, 64
FORMS = {"fp32": ("fp32", "none"), "bf16": ("bf16", "none"), "int8": ("fp32", "int8"), "nf4": ("fp32", "nf4")}
LEFT_OUT: Mapping[str, Mapping[str, str]] = {
    "all": {},
    "no AVX-512 in torch's own kernels": {"ATEN_CPU_CAPABILITY": "avx2"},
    "no AVX in torch's own kernels": {"ATEN_CPU_CAPABILITY": "default"},
    "no AMX in oneDNN": {"ONEDNN_MAX_CPU_ISA": "AVX512_CORE_BF16"},
    "no AVX512-BF16 in oneDNN": {"ONEDNN_MAX_CPU_ISA": "AVX512_CORE_VNNI"},
    "no AVX-512 in oneDNN": {"ONEDNN_MAX_CPU_ISA": "AVX2"},
    "no AVX-512 in MKL": {"MKL_ENABLE_INSTRUCTIONS": "AVX2"},
    "two threads": {"OMP_NUM_THREADS": "2"},
    "all again": {},
}


def main() -> None:
    """Measure and print a table in Markdown; ``--here`` prints this process's losses instead."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--here", action="store_true", help="this process alone, as JSON")
    if parser.parse_args().here:
        print(json.dumps({name: losses(*form) for name, form in FORMS.items()}))
        return
    print(f"| {' | '.join(['instructions', *FORMS])} |\n|---|{'--:|' * len(FORMS)}")
    reference = _in_a_process({})
    for name, environment in LEFT_OUT.items():
        measured = _in_a_process(environment)
        cells = [f"{_distance(reference[form], measured[form]):.1g}" for form in FORMS]
        print(f"| {' | '.join([name, *cells])} |", flush=True)


def losses(dtype: str, quantization: str) -> list[float]:
    """Training losses of the methods that can train this form, one method after the other."""
    methods = ("lora", "full") if quantization == "none" else ("lora",)
    with TemporaryDirectory() as folder:
        random_model("nano-s", seed=0).save_pretrained(folder)
        nano_tokenizer().save_pretrained(folder)
        base = load_base(ModelRef(folder, dtype=dtype, quantization=quantization))
        trainers = [TrialTrainer(base, _blocks(), _spec(method, base.ref)) for method in methods]
        return [trainer.step() for trainer in trainers for _ in range(STEPS)]


def _spec(method: str, model: ModelRef) -> TrialSpec:
    recipe = Recipe(max_steps=STEPS, batch_size=ROWS, learning_rate=1e-3, warmup_steps=0)
    return TrialSpec(method, 0, method, {}, recipe, model, DataRef("random"), 0)


def _blocks() -> Blocks:
    ids = torch.randint(VOCABULARY, (4 * ROWS, LENGTH), generator=torch.Generator().manual_seed(0))
    labels = ids.clone()
    labels[:, 0] = IGNORED
    rows = Rows(ids, labels, torch.ones_like(ids))
    return Blocks(rows, rows)


def _in_a_process(environment: Mapping[str, str]) -> dict[str, list[float]]:
    command = [sys.executable, "-m", "benchmarks.cpu_features", "--here"]
    settings = {**os.environ, "OMP_NUM_THREADS": "1", **environment}
    process = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=settings)
    step_losses: dict[str, list[float]] = json.loads(process.stdout.splitlines()[-1])
    return step_losses


def _distance(first: Sequence[float], second: Sequence[float]) -> float:
    return max(abs(a - b) for a, b in zip(first, second, strict=True))


if __name__ == "__main__":
    main()
