"""What tokens of many rows cost: once per machine in files that lanes map, against lists in every lane.

Rows are pieces of Python's own library, with a byte-level BPE that is trained on it; their mean length is
about 790 tokens. Three lanes ask for the same rows one after the other and stay until all have answered.
Each is a process of its own that then reads every row once, as an epoch does. The baseline holds all samples
as Python lists and all rows as padded tensors, on fewer rows, since it needs some 300 bytes for a token.
Memory is the growth of the process: its peak (VmHWM), and what is its alone in the end (USS).
"""

import argparse
import json
import os
import random
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from time import monotonic, process_time

import psutil
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from astraios_ray.data.packed_rows import pack_in_memory
from astraios_ray.data.packing import pack_rows
from astraios_ray.data.parts import read_parts
from astraios_ray.data.tokenise import TokenRows, make_samples
from astraios_ray.records import DataRef
from astraios_ray.training.token_cache import TokenCache

ROWS, BASELINE_ROWS, LANES = 100_000, 10_000, 3
CHARACTERS, SPREAD = 3100, 0.6  # of a row, about 790 tokens; shortest and longest are so far from the mean
LENGTH, VOCABULARY, BATCH = 1024, 16_000, 32
END = "<|endoftext|>"
ROWS_FILE, TOKENIZER, CACHE = "rows.jsonl", "tokenizer", "cache"
STATUS = Path("/proc/self/status")


@dataclass(frozen=True)
class Figures:
    """What one process took."""

    tokens: int  # of all samples
    seconds: float  # until it had the rows
    cpu_seconds: float
    peak_mib: float  # growth until it had the rows
    own_mib: float  # growth of its unique memory, after it had read every row

    @property
    def bytes_per_token(self) -> float:
        """The growth at the peak for each token."""
        return self.peak_mib * 2**20 / self.tokens


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--baseline-rows", type=int, default=BASELINE_ROWS)
    parser.add_argument("--process", nargs=2, metavar=("WAY", "FOLDER"), help="be one: lists or mapped")
    options = parser.parse_args()
    if options.process:
        way, folder = options.process
        made, held = figures(way, Path(folder))
        print(json.dumps(asdict(made)), flush=True)
        sys.stdin.read()  # the others measure beside these rows
        del held
        return
    print("| process | rows | tokens | seconds | CPU seconds | peak MiB | bytes a token | its own MiB |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    for name, rows, made in measured(options.rows, options.baseline_rows):
        print(
            f"| {name} | {rows:,} | {made.tokens:,} | {made.seconds:.1f} | {made.cpu_seconds:.1f} | "
            f"{made.peak_mib:.0f} | {made.bytes_per_token:.1f} | {made.own_mib:.0f} |"
        )


def measured(rows: int, baseline_rows: int) -> Iterator[tuple[str, int, Figures]]:
    """The figures of the baseline and of every lane, with a name and the number of rows."""
    with tempfile.TemporaryDirectory() as name:
        few, many = Path(name) / "few", Path(name) / "many"
        write_work(few, baseline_rows)
        write_work(many, rows)
        with process("lists", few) as made:
            yield "lists", baseline_rows, made
        with process("mapped", many) as first:
            yield "lane 1", rows, first
            with process("mapped", many) as second:
                yield "lane 2", rows, second
                with process("mapped", many) as third:
                    yield "lane 3", rows, third


def write_work(folder: Path, rows: int) -> None:
    """Rows of about 790 tokens, and their tokenizer."""
    folder.mkdir()
    library = sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))
    text = "\n".join(file.read_text(errors="replace") for file in library)
    _tokenizer(text).save_pretrained(folder / TOKENIZER)
    draws = random.Random(0)
    with (folder / ROWS_FILE).open("w") as file:
        for number in range(rows):
            size = int(CHARACTERS * draws.uniform(1 - SPREAD, 1 + SPREAD))
            start = draws.randrange(len(text) - size)
            piece = text[start : start + size]
            row = {"prompt": f"{number} {piece[: size // 5]}", "completion": piece[size // 5 :]}
            file.write(json.dumps(row) + "\n")


def _tokenizer(text: str) -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=[END], initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator([text[:2_000_000]], trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=END)


@contextmanager
def process(way: str, folder: Path) -> Iterator[Figures]:
    """The figures of a process that lives until the end of the block."""
    command = [sys.executable, "-m", "benchmarks.tokenising", "--process", way, str(folder)]
    environment = {**os.environ, "ASTRAIOS_RAY_CACHE": str(folder / CACHE)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as running:
        assert running.stdin and running.stdout
        yield Figures(**json.loads(running.stdout.readline()))
        running.stdin.close()


def figures(way: str, folder: Path) -> tuple[Figures, list[TokenRows]]:
    """What this process takes to get the rows, and to read each once; and the rows."""
    tokenizer = AutoTokenizer.from_pretrained(folder / TOKENIZER)
    ref = DataRef(str(folder / ROWS_FILE), sequence_length=LENGTH, packing="rows")
    own, peak, cpu, start = _own_mib(), _peak_mib(), process_time(), monotonic()
    if way == "lists":
        parts = read_parts(ref)
        rows = [*parts.training, *parts.validation]
        samples = make_samples(rows, tokenizer, tokenizer.eos_token_id, loss_on=ref.loss_on)
        packed = pack_in_memory(samples, partial(pack_rows, length=LENGTH), LENGTH, tokenizer.eos_token_id)
        padded = packed.at(torch.arange(len(packed)))
        parts_read: list[TokenRows] = [padded]
        tokens = sum(len(sample.ids) for sample in samples)
    else:
        blocks = TokenCache(folder / CACHE, least=0).blocks(ref, tokenizer, tokenizer.eos_token_id)
        parts_read = [blocks.train, blocks.validation]
        tokens = sum(
            int(str(blocks.about[f"{part}_{key}"]))
            for part in ("train", "validation")
            for key in ("tokens", "dropped_tokens")
        )
    taken = monotonic() - start, process_time() - cpu, _peak_mib() - peak
    for part_rows in parts_read:
        for numbers in torch.split(torch.arange(len(part_rows)), BATCH):
            part_rows.at(numbers)
    return Figures(tokens, *taken, _own_mib() - own), parts_read


def _peak_mib() -> float:
    """The largest resident set so far; that of getrusage begins with the parent's."""
    (line,) = (line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def _own_mib() -> float:
    return float(psutil.Process().memory_full_info().uss) / 2**20


if __name__ == "__main__":
    main()
