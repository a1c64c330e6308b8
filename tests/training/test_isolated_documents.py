"""Documents of one block are trained as if each were a row of its own, whatever the base and the method."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from typing import Any, cast

import numpy as np
import pytest
import torch
from torch import nn
from transformers import AutoModelForCausalLM, MambaConfig, MistralConfig

from astraios_ray.data.documents import separated
from astraios_ray.data.packed_rows import pack_in_memory
from astraios_ray.data.packing import Counts, Packed, Sample, pack_blocks
from astraios_ray.data.tokenise import Blocks, Rows
from astraios_ray.models.load_base import Base
from astraios_ray.records import TargetModules, TrialSpec, Value
from astraios_ray.shared_pass.padding_free import can_do_without_padding
from astraios_ray.training.passes import backward, forward
from astraios_ray.training.trial_trainer import TrialTrainer
from tests.fakes.capped_models import capped_model
from tests.fakes.tiny_models import ARCHITECTURES, SPLIT, target_modules_of, tiny_model
from tests.training.trials import MODEL, trial

LENGTH, BLOCKS = 24, 4
KINDS: Mapping[str, Mapping[str, Value]] = {
    "full": {},
    "lora": {"r": 3, "dropout": 0.0},
    "ia3": {},
    "p_tuning": {"virtual_tokens": 5},
    "adapter_h": {"bottleneck": 6},
    "adapter_p": {"bottleneck": 6},
    "parallel": {"bottleneck": 6},
    "peft:PROMPT_TUNING": {"num_virtual_tokens": 3},
    "peft:PREFIX_TUNING": {"num_virtual_tokens": 3},
    "peft:LORA": {"r": 3, "use_dora": True},
}
MAMBA = TargetModules("Mamba", ("in_proj",), ("out_proj",), ("x_proj",), ("dt_proj",), ("in_proj",))
PADDED = {  # bases that need their padding
    "windows": lambda: MistralConfig(**SPLIT, sliding_window=4),
    "by hand": lambda: MistralConfig(**SPLIT, sliding_window=None, attn_implementation="eager"),
    "a state": lambda: MambaConfig(vocab_size=61, hidden_size=16, num_hidden_layers=2, state_size=4),
}


def base_of(model: nn.Module, target_modules: TargetModules) -> Base:
    """``model`` without dropout: each way of computing rows would draw other numbers."""
    module: Any
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
        if isinstance(getattr(module, "attn_dropout", None), float):
            module.attn_dropout = 0.0
    return Base(model, cast(Any, None), target_modules, MODEL, "random")


def padded_base(kind: str) -> Base:
    torch.manual_seed(0)
    model: Any = AutoModelForCausalLM.from_config(PADDED[kind]())
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.15)
    modules = MAMBA if kind == "a state" else target_modules_of("Llama")
    return base_of(model.requires_grad_(False).eval(), modules)


def blocks(seed: int) -> Rows:
    """Blocks of random documents, some of them cut in two."""
    generator = torch.Generator().manual_seed(seed)
    lengths = torch.randint(2, 15, (60,), generator=generator).tolist()
    documents = [torch.randint(61, (length,), generator=generator).tolist() for length in lengths]
    documents += [[7, 8], [9, 4, 5]]
    samples = [Sample(ids, [-100, *ids[1:]], len(ids)) for ids in documents]
    return pack_in_memory(samples, few_and_short, LENGTH, 0).at(torch.arange(BLOCKS))


def few_and_short(lengths: Counts) -> Packed:
    """Full blocks, and one of the last two documents."""
    rest = lengths[:-2]
    full = pack_blocks(rest, rest, LENGTH, drop_tail=True, seed=0).spans[: BLOCKS - 1]
    return Packed(np.concatenate([full, [[rest.sum(), lengths.sum()]]]))


def specs(kind: str) -> tuple[TrialSpec, TrialSpec]:
    """A trial that sees all blocks in each step, and one that sees all their documents."""
    documents = len(separated(blocks(1)))
    in_blocks = replace(trial(batch_size=BLOCKS), method=kind, hyperparameters=KINDS[kind])
    return in_blocks, replace(in_blocks, recipe=replace(in_blocks.recipe, batch_size=documents))


def trainers(base: Base, kind: str) -> tuple[TrialTrainer, TrialTrainer]:
    in_blocks, in_rows = specs(kind)
    train, validation = blocks(1), blocks(2)
    rows = Blocks(separated(train), separated(validation))
    return TrialTrainer(base, Blocks(train, validation), in_blocks), TrialTrainer(base, rows, in_rows)


def values(trainer: TrialTrainer) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in trainer.tuned.trainable().values()])


def check(base: Base, kind: str) -> None:
    in_blocks, in_rows = trainers(base, kind)
    assert in_blocks.validate() == pytest.approx(in_rows.validate(), abs=1e-6)
    for _ in range(3):
        assert in_blocks.step() == pytest.approx(in_rows.step(), abs=1e-6)
    assert torch.allclose(values(in_blocks), values(in_rows), rtol=0, atol=2e-5)
    assert in_blocks.validate() == pytest.approx(in_rows.validate(), abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_losses_are_those_of_separate_rows(architecture: str, kind: str) -> None:
    check(base_of(tiny_model(architecture), target_modules_of(architecture)), kind)


@pytest.mark.parametrize(
    ("base", "kind"),
    [*product(("windows", "by hand"), ("full", "lora", "p_tuning")), ("a state", "full")],
)
def test_so_they_are_on_a_base_that_needs_its_padding(base: str, kind: str) -> None:
    made = padded_base(base)
    assert not can_do_without_padding(made.model)
    check(made, kind)


@pytest.mark.parametrize("architecture", ["Gemma2", "Gemma4", "Cohere", "Granite"])
def test_so_they_are_on_a_base_that_caps_its_logits(architecture: str) -> None:
    check(base_of(capped_model(architecture), target_modules_of("Llama")), "lora")


@pytest.mark.parametrize("architecture", ["Llama", "GPTBigCode"])
def test_so_they_are_in_a_pass_that_trials_share(architecture: str) -> None:
    base = base_of(tiny_model(architecture), target_modules_of(architecture))
    kinds = [kind for kind in KINDS if kind not in ("full", "peft:PREFIX_TUNING", "peft:LORA")]
    pairs = [trainers(base, kind) for kind in kinds]
    sharing, alone = zip(*pairs, strict=True)
    assert len({trainer.shape for trainer in sharing}) == 1
    losses = backward([trainer.training_parts() for trainer in sharing])
    expected = [backward([trainer.training_parts()])[0] for trainer in alone]
    assert losses == pytest.approx(expected, abs=1e-6)
    validation = forward([trainer.validation_parts() for trainer in sharing])
    assert validation == pytest.approx(
        [forward([trainer.validation_parts()])[0] for trainer in alone], rel=1e-6
    )
    for in_blocks, in_rows in pairs:
        for name, parameter in in_blocks.tuned.trainable().items():
            other = in_rows.tuned.trainable()[name]
            assert parameter.grad is not None and other.grad is not None
            assert torch.allclose(parameter.grad, other.grad, rtol=0, atol=1e-6), name


def test_a_token_of_another_document_changes_no_loss() -> None:
    base = base_of(tiny_model("Llama"), target_modules_of("Llama"))
    data = blocks(1)
    poisoned = Rows(data.input_ids.clone(), data.labels, data.attention_mask)
    first = data.attention_mask == 1
    poisoned.input_ids[first] = (poisoned.input_ids[first] + 1) % 61
    labels = data.labels.masked_fill(first, -100)
    spec, _ = specs("lora")
    losses = [
        TrialTrainer(base, Blocks(rows, rows), spec).validate()
        for rows in (Rows(ids, labels, data.attention_mask) for ids in (data.input_ids, poisoned.input_ids))
    ]
    assert losses[0] == losses[1]


def test_passes_of_a_base_that_needs_its_padding_take_no_more_tokens_than_the_blocks() -> None:
    trainer, _ = trainers(padded_base("windows"), "lora")
    sizes = [part.batch["input_ids"].numel() for part in trainer.training_parts()]
    assert len(sizes) > 1
    assert max(sizes) <= BLOCKS * LENGTH


def test_a_pass_counts_the_virtual_tokens_of_every_document() -> None:
    base = base_of(tiny_model("Llama"), target_modules_of("Llama"))
    trainer, _ = trainers(base, "p_tuning")
    data = blocks(1)
    assert trainer.tokens_at_once == int((data.attention_mask > 0).sum()) + 5 * data.documents
