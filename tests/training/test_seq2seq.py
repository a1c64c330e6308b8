"""Trials on a T5: shared passes, recomputed blocks and resumed trials give the losses of a trial alone."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from astraios_ray.errors import ConfigError
from astraios_ray.methods import build
from astraios_ray.records import DataRef, TrialSpec, Value
from astraios_ray.training.pass_packing import PassPacker
from astraios_ray.training.runtime import SingleProcess
from astraios_ray.training.trial_trainer import TrialTrainer
from tests.fakes.tiny_t5 import MODEL, pair_blocks, t5_base
from tests.training.trials import METHODS, trial

STEPS = 4
ALONE: Mapping[str, tuple[str, Mapping[str, Value]]] = {
    **{name: (name, values) for name, values in METHODS.items()},
    "DoRA": ("lora", {"r": 3, "dora": True}),
    "PiSSA": ("lora", {"r": 3, "init": "pissa"}),
    "parallel of He": ("parallel", {"bottleneck": 6, "placement": "he"}),
    "adapters of Houlsby": ("adapter_h", {"bottleneck": 6, "placement": "houlsby"}),
    "LoHa": ("peft:LOHA", {"r": 3}),
    "prompt tuning": ("peft:PROMPT_TUNING", {"num_virtual_tokens": 5}),
}
PROMPTS = ("p_tuning", "prompt tuning")
BASES = [t5_base(gated=gated, dropout=0.1) for gated in (False, True)]  # the base's own dropout counts


def trainer_of(kind: str, base: int = 0, **recipe: Any) -> TrialTrainer:
    method, values = ALONE[kind]
    made = trial(warmup_steps=1, max_steps=STEPS, **recipe).recipe
    spec = TrialSpec("few", 0, method, values, made, MODEL, DataRef("pairs"), list(ALONE).index(kind))
    return TrialTrainer(BASES[base], pair_blocks(), spec)


def losses(trainer: TrialTrainer) -> list[float]:
    return [trainer.step() for _ in range(STEPS)] + [trainer.validate()]


@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize("kinds", [[k for k in ALONE if k not in (*PROMPTS, "full")], PROMPTS])
def test_a_shared_pass_has_the_losses_of_passes_alone(kinds: Sequence[str], base: int) -> None:
    expected = [losses(trainer_of(kind, base)) for kind in kinds]
    trainers, packer = [trainer_of(kind, base) for kind in kinds], PassPacker(SingleProcess(), 10_000)
    assert packer.groups(trainers) == [trainers]
    shared = [packer.step(trainers) for _ in range(STEPS)] + [packer.validate(trainers)]
    for number, alone in enumerate(expected):
        results = [step[number] for step in shared]
        assert not any(result.error for result in results)
        assert [result.loss for result in results] == pytest.approx(alone, rel=0, abs=1e-5)


@pytest.mark.parametrize("kind", METHODS)
def test_blocks_that_are_computed_again_change_no_bit(kind: str) -> None:
    assert losses(trainer_of(kind, activation_checkpointing=True)) == losses(trainer_of(kind))


@pytest.mark.parametrize("kind", METHODS)
def test_a_resumed_trial_goes_on_to_the_bit(kind: str, tmp_path: Path) -> None:
    unbroken, first, second = (trainer_of(kind, base=1) for _ in range(3))
    expected = [unbroken.step() for _ in range(STEPS)]
    before = [first.step() for _ in range(2)]
    first.save(tmp_path)
    second.load(tmp_path, 2)
    assert [*before, second.step(), second.step()] == expected
    weights = zip(second.tuned.trainable().values(), unbroken.tuned.trainable().values(), strict=True)
    assert all(torch.equal(one, other) for one, other in weights)


def test_passes_keep_their_padding_and_count_the_tokens_of_both_widths() -> None:
    lora, prompts, blocks = trainer_of("lora"), trainer_of("p_tuning"), pair_blocks()
    assert blocks.widths
    tokens = blocks.widths.prompt + blocks.widths.answer
    assert lora.tokens_at_once == lora.rows_at_once * tokens
    assert prompts.tokens_at_once == prompts.rows_at_once * (tokens + 5)
    assert lora.shape != prompts.shape


def test_prefix_tuning_is_refused() -> None:
    base = BASES[0]
    with pytest.raises(ConfigError, match=r"PREFIX_TUNING.*no place in an encoder-decoder.*PROMPT_TUNING"):
        build("peft:PREFIX_TUNING", {"num_virtual_tokens": 3}).apply(base.model, base.target_modules, 0)
