"""The memory predicted for an encoder-decoder is what torch's allocator allocates."""

import gc
from typing import Any

import pytest
import torch
from torch.profiler import ProfilerActivity, profile
from transformers import AutoModelForSeq2SeqLM, T5Config

from astraios_ray.data.seq2seq import Widths
from astraios_ray.data.tokenise import Blocks, Rows
from astraios_ray.methods.method import outlined
from astraios_ray.models.load_base import Base, empty_from
from astraios_ray.models.target_modules import find_target_modules
from astraios_ray.records import DataRef, ModelRef, Recipe, TrialSpec
from astraios_ray.training.memory_trace import trace
from astraios_ray.training.passes import backward
from astraios_ray.training.trial_trainer import TrialTrainer
from tests.training.test_memory_trace import HIGHEST, LOWEST, allocated

ROWS, HALF, WORDS = 4, 32, 640


def config() -> T5Config:
    return T5Config(
        vocab_size=WORDS, d_model=128, d_kv=32, d_ff=512, num_layers=3, num_heads=4, dropout_rate=0.0,
        pad_token_id=0, eos_token_id=1, decoder_start_token_id=0,
    )  # fmt: skip


def blocks() -> Blocks:
    """Rows whose first half is the prompt, as the prediction has them."""
    ids = torch.randint(1, WORDS, (2 * ROWS, 2 * HALF))
    labels = ids.clone()
    labels[:, :HALF] = -100
    rows = Rows(ids, labels, torch.ones_like(ids))
    return Blocks(rows, rows, widths=Widths(HALF, HALF))


def measured(method: str, *, recompute: bool) -> int:
    """Bytes at the peak of a trial's first two steps, without the base."""
    model: Any = AutoModelForSeq2SeqLM.from_config(config()).requires_grad_(False).eval()
    base = Base(model, None, find_target_modules(model, None), ModelRef("m"), "0")
    recipe = Recipe(batch_size=ROWS, activation_checkpointing=recompute)
    rows = blocks()
    gc.collect()  # earlier objects must not be freed during the profile
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiling:
        spec = TrialSpec("s", 0, method, {}, recipe, base.ref, DataRef("d"), 0)
        trainer = TrialTrainer(base, rows, spec)
        for _ in range(2):
            (loss,) = backward([trainer.training_parts()])
            trainer.update(loss)
    profiler: Any = profiling.profiler
    return allocated(profiler.kineto_results.events())


def predicted(method: str, *, recompute: bool) -> int:
    model = empty_from(config())
    tuned = outlined(method, {}, model, find_target_modules(model, None))
    return trace([tuned], (ROWS, 2 * HALF), padded=False, recompute=recompute).peak


@pytest.mark.parametrize(
    ("method", "recompute"), [("full", False), ("lora", False), ("p_tuning", False), ("lora", True)]
)
def test_the_peak_of_training_a_t5_is_predicted(method: str, recompute: bool) -> None:
    ratio = predicted(method, recompute=recompute) / measured(method, recompute=recompute)
    assert LOWEST < ratio < HIGHEST
