"""A T5's loss of every step is that of transformers' Trainer with a model of peft, from the same start."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from transformers import DataCollatorForSeq2Seq

from astraios_ray.records import DataRef, TrialSpec, Value
from astraios_ray.training.trial_trainer import TrialTrainer
from tests.fakes.byte_tokenizers import byte_tokenizer
from tests.fakes.tiny_t5 import MODEL, pair_blocks, pairs, t5_base, tiny_t5
from tests.training.reference_trainer import losses_of_trainer, model_of_peft
from tests.training.trials import trial

STEPS, ROWS = 20, 24
KINDS: Mapping[str, tuple[str, Mapping[str, Value], float]] = {  # method, hyperparameters, learning rate
    "full": ("full", {}, 1e-2),
    "LoRA of attention and MLP output": ("lora", {"r": 4, "alpha": 8, "dropout": 0.0}, 3e-2),
    "(IA)3": ("ia3", {}, 1e-1),
    "P-tuning": ("p_tuning", {"virtual_tokens": 5}, 1e-1),
}
pytestmark = pytest.mark.filterwarnings(
    "ignore:`is_gradient_checkpointing` is deprecated"
)  # peft asks for it


def spec_of(kind: str) -> TrialSpec:
    method, hyperparameters, rate = KINDS[kind]
    recipe = trial(max_steps=STEPS, warmup_steps=3, learning_rate=rate, weight_decay=0.1).recipe
    return TrialSpec("few", 0, method, hyperparameters, recipe, MODEL, DataRef("pairs"), 0)


def collator() -> DataCollatorForSeq2Seq:
    """transformers' own, which pads each batch to its longest prompt and its longest answer."""
    tokenizer = byte_tokenizer("eos")
    tokenizer.pad_token = "<unk>"
    return DataCollatorForSeq2Seq(tokenizer)


@pytest.mark.parametrize("gated", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_losses_in_float32_differ_by_less_than_1e_5(kind: str, gated: bool, tmp_path: Path) -> None:
    spec = spec_of(kind)
    trainer = TrialTrainer(t5_base(gated=gated), pair_blocks(ROWS), spec)
    plain = model_of_peft(tiny_t5(gated=gated), trainer, "SEQ_2_SEQ_LM", tmp_path)
    samples = [
        {"input_ids": prompt, "attention_mask": [1] * len(prompt), "labels": answer}
        for prompt, answer in pairs(ROWS, seed=1)
    ]
    expected = losses_of_trainer(plain, spec, samples, tmp_path, collator())
    losses = [trainer.step() for _ in range(STEPS)]
    assert expected[-1] < expected[0] - 0.05
    assert losses == pytest.approx(expected, rel=0, abs=1e-5)


@torch.no_grad()
def test_a_prompt_changes_the_loss_of_its_answer() -> None:
    """So the encoder's input is not ignored, and not the padding of another row."""
    blocks, model = pair_blocks(), tiny_t5()
    trainer = TrialTrainer(t5_base(), blocks, spec_of("full"))
    (part,) = trainer.training_parts()
    rows = {name: value for name, value in part.batch.items() if name != "labels"}
    logits = model(**rows, use_cache=False).logits
    other = model(**{**rows, "input_ids": rows["input_ids"] + 1}, use_cache=False).logits
    beyond = torch.where(rows["attention_mask"] > 0, rows["input_ids"], 9)
    assert not torch.allclose(logits, other, atol=0.1)
    assert torch.allclose(logits, model(**{**rows, "input_ids": beyond}, use_cache=False).logits)
