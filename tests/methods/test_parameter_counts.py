"""Trainable parameters of the study's 28 models, counted without their weights."""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
from torch import nn
from transformers import GPTBigCodeConfig

from astraios_ray.config.read_study import load_study
from astraios_ray.methods import build, count_parameters
from astraios_ray.models.load_base import empty_from
from tests.fakes.tiny_models import target_modules_of

# Hidden size, layers, heads, inner size of the StarCoder family (the models' config.json on the hub).
SIZES = {
    "1b": (2048, 24, 16, 8192),
    "3b": (2816, 36, 22, 11264),
    "7b": (4096, 42, 32, 16384),
    "15b": (6144, 40, 48, 24576),
}
# From the methods' formulas; eight agree with the sizes of checkpoints that Astraios published.
EXPECTED: Mapping[str, tuple[int, int, int, int]] = {
    "full": (1137207296, 3043311104, 7327263232, 15517456384),
    "lora": (3588096, 7372800, 12472320, 17776640),
    "ia3": (251904, 516096, 870912, 1239040),
    "p_tuning": (12650496, 23882496, 50466816, 113448960),
    "adapter_h": (50331648, 103809024, 176160768, 251658240),
    "adapter_p": (25165824, 51904512, 88080384, 125829120),
    "parallel": (26738688, 54263808, 90832896, 128450560),
}
IN_THE_FILE = {"full": "fft", "p_tuning": "ptuning", "adapter_h": "adapterh", "adapter_p": "adapterp"}
FILE = Path(__file__).parents[2].parent / "shared" / "data" / "expected" / "astraios_params.csv"


def counted(method: str, size: str) -> int:
    base = starcoder(size)
    count = count_parameters(method, {}, base, target_modules_of("GPTBigCode"))
    base.requires_grad_(False)
    return count


@cache
def starcoder(size: str) -> nn.Module:
    hidden, layers, heads, inner = SIZES[size]
    config = GPTBigCodeConfig(
        vocab_size=49152, n_positions=8192, n_embd=hidden, n_layer=layers, n_head=heads, n_inner=inner,
        bos_token_id=0, eos_token_id=0,
    )  # fmt: skip
    return empty_from(config)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("method", EXPECTED)
def test_a_method_trains_as_many_parameters_as_in_the_study(method: str, size: str) -> None:
    assert counted(method, size) == EXPECTED[method][list(SIZES).index(size)]


def test_every_method_of_the_quickstart_has_its_counts_here() -> None:
    assert EXPECTED.keys() == load_study("quickstart").methods.keys()


@pytest.mark.skipif(not FILE.exists(), reason="the folder of real benchmark data is not beside the checkout")
def test_the_counts_are_those_of_the_recorded_table() -> None:
    rows = {
        (row["size"], row["method"]): int(row["updated_params"])
        for row in csv.DictReader(FILE.read_text().splitlines())
    }
    counts_by_model = {
        (size, IN_THE_FILE.get(method, method)): count
        for method, counts in EXPECTED.items()
        for size, count in zip(SIZES, counts, strict=True)
    }
    assert counts_by_model == rows


def test_counting_leaves_an_empty_base_free_for_the_next_method() -> None:
    assert counted("lora", "1b") == counted("lora", "1b")
    assert build("lora", {}).traits.shares_base
