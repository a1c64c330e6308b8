"""The memory that one more lane's base takes of a machine: mapped by all lanes, against a copy in each.

A random model of about 280 MiB in float32, loaded as bfloat16. While a first process holds its base, a second
one loads its own and makes a pass; the figure is the growth of its unique set size, the memory
that its end would free. Ours shares the base, the baseline loads its own.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import torch
from transformers import AutoModelForCausalLM, GPTBigCodeConfig

from astraios_ray.models.load_base import Base, load_base
from astraios_ray.models.nano import nano_tokenizer
from astraios_ray.models.shared_weights import SharedBases
from astraios_ray.records import ModelRef
from benchmarks.results import Case, write_results

SHAPE = {"n_embd": 1024, "n_layer": 6, "n_head": 8, "n_positions": 512, "vocab_size": 8192}
TOKENS = 32
TARGET = 4.0  # times less


def main() -> None:
    """Measure, print, write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--second", nargs=2, metavar=("MODEL", "BASES"), help="be one; no BASES: a copy")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.second:
        print(_grown_mib(*options.second))
        return
    with tempfile.TemporaryDirectory() as folder:
        model = _write_model(Path(folder) / "model")
        copied, mapped = (_second_mib(model, bases) for bases in ("", f"{folder}/bases"))
    print(f"one more lane's base: {copied:.0f} MiB as a copy, {mapped:.1f} MiB where it is shared")
    limit = "what is kept beside the weights: modules, tokenizer, a pass"
    case = Case("lane_base_memory", copied, mapped, "MiB", copied / mapped, TARGET, limit)
    print(f"written to {write_results([case])}")


def _write_model(folder: Path) -> Path:
    torch.manual_seed(0)
    config = GPTBigCodeConfig(**SHAPE, bos_token_id=0, eos_token_id=0)
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    nano_tokenizer().save_pretrained(folder)
    return folder


def _second_mib(model: Path, bases: str) -> float:
    """The growth of a second process while this one, the first, holds its base."""
    first = _passed(model, bases)
    command = [sys.executable, "-m", "benchmarks.lane_base_memory", "--second", str(model), bases]
    second = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    del first
    return float(second.stdout)


def _grown_mib(model: Path, bases: str) -> float:
    start = psutil.Process().memory_full_info().uss
    base = _passed(model, bases)
    end = psutil.Process().memory_full_info().uss
    del base
    return float(end - start) / 2**20


def _passed(model: Path, bases: str) -> Base:
    """A base after a pass, so that all its pages have been read."""
    base = load_base(ModelRef(str(model), dtype="bf16"), shared=SharedBases(Path(bases)) if bases else None)
    with torch.no_grad():
        base.model(torch.arange(TOKENS)[None])
    return base


if __name__ == "__main__":
    main()
