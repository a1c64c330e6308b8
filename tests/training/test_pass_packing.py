"""Trainers that share passes learn what each learns alone, join and leave, and fail alone."""

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import peft
import pytest
import torch
from torch import nn

from astraios_ray.data.tokenise import Blocks
from astraios_ray.methods.layer_updates import LowRank
from astraios_ray.models.load_base import Base
from astraios_ray.records import TrialSpec, Value
from astraios_ray.shared_pass.shared_forward import SharedLayer
from astraios_ray.training.pass_packing import ALONE, PassPacker
from astraios_ray.training.runtime import SingleProcess
from astraios_ray.training.trial_trainer import TrialTrainer
from tests.fakes.tiny_models import tiny_model, tokens
from tests.training.trials import few_blocks, ragged_blocks, tiny_base, trial

ALL_TOKENS = 10_000  # enough for all trials in one pass
STEPS = 40

Curves = dict[str, list[float]]
Tensors = dict[str, torch.Tensor]


def stable(method: str, number: int, values: Mapping[str, Value], **recipe: Any) -> TrialSpec:
    defaults = {"max_steps": STEPS, "learning_rate": 1e-3, "warmup_steps": 4}
    return replace(
        trial(method, number=number, seed=number, **{**defaults, **recipe}), hyperparameters=values
    )


TRIALS = (
    stable("lora", 0, {"r": 3, "alpha": 6, "dropout": 0.2}),
    stable("lora", 1, {"r": 8, "alpha": 4}, schedule="linear", learning_rate=3e-3),
    stable("lora", 2, {"r": 5, "rslora": True}, schedule="constant", batch_size=3, max_grad_norm=0.05),
    stable("ia3", 3, {}, learning_rate=1e-2, weight_decay=0.3),
    stable("adapter_h", 4, {"bottleneck": 6, "dropout": 0.2}),
    stable("adapter_p", 5, {"bottleneck": 9, "init": "mam"}, batch_size=5, micro_batch_size=2),
    stable("parallel", 6, {"bottleneck": 4, "scaling": 2.0}, warmup_steps=9),
    stable("p_tuning", 7, {"virtual_tokens": 5}),
    stable("p_tuning", 8, {"virtual_tokens": 5}, learning_rate=3e-3),
)
WILD = stable("lora", 9, {"r": 4}, learning_rate=1e30, warmup_steps=0)


def base(dtype: torch.dtype = torch.float32) -> Base:
    """With dropout of its own, as StarCoder has."""
    result = tiny_base()
    result.model.to(dtype)
    return result


def trainers(
    specs: Sequence[TrialSpec], shared_base: Base, blocks: Blocks | None = None
) -> list[TrialTrainer]:
    blocks = blocks or few_blocks()
    return [TrialTrainer(shared_base, blocks, spec) for spec in specs]


def train(pass_packer: PassPacker, at_work: Sequence[TrialTrainer], steps: int) -> Curves:
    """Training losses by trial."""
    curves: Curves = {trainer.spec.id: [] for trainer in at_work}
    for _ in range(steps):
        for group in pass_packer.groups(at_work):
            for trainer, result in zip(group, pass_packer.step(group), strict=True):
                assert result.error is None
                curves[trainer.spec.id].append(result.loss)
    return curves


def packer(tokens_at_once: int = ALL_TOKENS) -> PassPacker:
    return PassPacker(SingleProcess(), tokens_at_once)


def parameters(trainer: TrialTrainer) -> Tensors:
    return {name: parameter.detach().clone() for name, parameter in trainer.tuned.trainable().items()}


def distance(first: Tensors, second: Tensors) -> float:
    assert first.keys() == second.keys()
    return max(float((first[name] - second[name]).abs().max()) for name in first)


@pytest.mark.parametrize(
    ("blocks", "dtype", "steps", "within"),
    [
        (few_blocks, torch.float32, STEPS, 1e-6),
        (few_blocks, torch.float64, 8, 1e-12),
        (ragged_blocks, torch.float32, 12, 1e-6),
        (ragged_blocks, torch.float64, 8, 1e-12),
    ],
)
def test_many_trials_in_shared_passes_are_what_they_are_alone(
    blocks: Callable[[], Blocks], dtype: torch.dtype, steps: int, within: float
) -> None:
    packed, separate = trainers(TRIALS, base(dtype), blocks()), trainers(TRIALS, base(dtype), blocks())
    packed_curves, separate_curves = train(packer(), packed, steps), train(packer(ALONE), separate, steps)
    for packed_trainer, separate_trainer in zip(packed, separate, strict=True):
        assert packed_curves[packed_trainer.spec.id] == pytest.approx(
            separate_curves[packed_trainer.spec.id], abs=within
        )
        assert distance(parameters(packed_trainer), parameters(separate_trainer)) < within, (
            packed_trainer.spec.method
        )
    validation_losses = [result.loss for result in packer().validate(packed[:7])]
    assert validation_losses == pytest.approx([trainer.validate() for trainer in separate[:7]], abs=within)


def test_whoever_diverges_joins_or_leaves_is_no_matter_to_a_trial() -> None:
    expected, (trainer,) = trainers(TRIALS[:1], base())[0], trainers(TRIALS[:1], shared_base := base())
    neighbours = trainers((*TRIALS[1:7], WILD), shared_base)
    train(packer(ALONE), [expected], 12)
    shared = packer()
    train(shared, [trainer], 2)
    wild = train(shared, [trainer, *neighbours], 4)[WILD.id]
    train(shared, [neighbours[0], trainer, neighbours[-1]], 4)
    train(shared, [trainer, neighbours[3]], 2)
    assert wild[-1] != wild[-1]
    assert distance(parameters(trainer), parameters(expected)) < 1e-6


def test_the_same_trial_before_and_after_others_in_the_same_company_is_the_same_to_the_bit() -> None:
    shared_base, shared = base(), packer()
    first, neighbour = trainers(TRIALS[:2], shared_base)
    curves = train(shared, [first, neighbour], 3)
    train(shared, trainers(TRIALS[2:7], shared_base), 3)
    second, neighbour = trainers(TRIALS[:2], shared_base)
    assert train(shared, [second, neighbour], 3) == curves
    assert distance(parameters(second), parameters(first)) == 0


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated")  # peft asks for it
@pytest.mark.parametrize("number", [0, 3, 7])
def test_what_was_trained_in_company_has_the_same_logits_in_plain_peft(number: int, tmp_path: Path) -> None:
    at_work = trainers((TRIALS[number], *TRIALS[:7], TRIALS[8]), base())
    train(packer(), at_work, 3)
    trainer = at_work[0]
    trainer.tuned.save(tmp_path)
    with torch.no_grad(), trainer.tuned.attached():
        logits = trainer.tuned.model(input_ids=tokens()).logits
        plain = peft.PeftModel.from_pretrained(tiny_model(), tmp_path)
        peft_logits = plain(input_ids=tokens()).logits[:, -logits.shape[1] :]
    assert torch.allclose(logits, peft_logits, atol=1e-6, rtol=0)


def numbers(groups: Sequence[Sequence[TrialTrainer]]) -> list[list[int]]:
    return [[trainer.spec.number for trainer in group] for group in groups]


def test_those_fit_together_that_put_as_many_virtual_tokens_before_their_rows() -> None:
    assert numbers(packer().groups(trainers(TRIALS, base()))) == [[0, 1, 2, 3, 4, 5, 6], [7, 8]]


def test_without_padding_virtual_tokens_are_no_matter() -> None:
    assert numbers(packer().groups(trainers(TRIALS, base(), ragged_blocks()))) == [list(range(9))]


def test_tokens_without_padding_are_counted_as_they_are_on_average() -> None:
    at_work = trainers((TRIALS[0], TRIALS[2], TRIALS[7]), base(), ragged_blocks())
    assert at_work[0].tokens_at_once == math.ceil(4 * 6.6)
    assert at_work[1].tokens_at_once == math.ceil(3 * 6.6)
    assert at_work[2].tokens_at_once == math.ceil(4 * (6.6 + 5))


@pytest.mark.parametrize(
    ("method", "values"), [("full", {}), ("lora", {"r": 2, "dropout": 0.0}), ("peft:LOHA", {"r": 2})]
)
def test_a_trial_without_padding_learns_what_it_learns_with_it(
    method: str, values: Mapping[str, Value], monkeypatch: pytest.MonkeyPatch
) -> None:
    spec, plain = stable(method, 0, values), tiny_base("Llama")
    plain.model.double()  # and without dropout, whose numbers depend on the shape
    (unpadded,) = trainers((spec,), plain, ragged_blocks())
    monkeypatch.setattr("astraios_ray.training.trial_trainer.WORTH", 0.0)
    (padded,) = trainers((spec,), plain, ragged_blocks())
    assert (unpadded.shape[-1] != padded.shape[-1]) == (method != "peft:LOHA")
    curves = [train(packer(), [trainer], 5)[spec.id] for trainer in (unpadded, padded)]
    assert curves[0] == pytest.approx(curves[1], abs=1e-12)
    assert unpadded.validate() == pytest.approx(padded.validate(), abs=1e-12)


def test_a_pass_has_no_more_tokens_than_it_may() -> None:
    at_work = trainers(TRIALS[:7], base())
    assert [trainer.tokens_at_once for trainer in at_work] == [48, 48, 36, 48, 48, 24, 48]
    assert numbers(packer(96).groups(at_work)) == [[0, 1], [2, 3], [4, 5], [6]]
    assert numbers(packer(47).groups(at_work)) == [[0], [1], [2], [3], [4], [5], [6]]
    assert numbers(packer(ALONE).groups(at_work)) == [[0], [1], [2], [3], [4], [5], [6]]


def test_what_cannot_share_takes_turns_beside_those_that_do() -> None:
    unshareable = (
        stable("peft:PREFIX_TUNING", 1, {"num_virtual_tokens": 3}),
        stable("full", 2, {}),
        stable("peft:LORA", 3, {"r": 2, "init_lora_weights": "pissa"}),
    )
    at_work = trainers((TRIALS[0], *unshareable, TRIALS[4]), base())
    assert numbers(packer().groups(at_work)) == [[0, 4], [1], [2], [3]]


def test_trials_of_two_bases_share_nothing() -> None:
    at_work = [*trainers(TRIALS[:1], base()), *trainers(TRIALS[1:2], base())]
    assert numbers(packer().groups(at_work)) == [[0], [1]]


def test_what_breaks_in_its_own_update_fails_alone() -> None:
    at_work = trainers((TRIALS[0], stable("lora", 1, {}, schedule="sawtooth", warmup_steps=0)), base())
    good, failing = packer().step(at_work)
    assert good.error is None
    assert "sawtooth" in str(failing.error)


class Breaking(nn.Module):
    """A layer of a method that raises when it is called."""

    def __init__(self, base_layer: nn.Module) -> None:
        super().__init__()
        self.base_layer = base_layer

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        raise ValueError("this layer is broken")


def test_what_breaks_a_shared_pass_fails_alone_and_the_others_go_on_the_same(
    caplog: pytest.LogCaptureFixture,
) -> None:
    at_work, expected = trainers(TRIALS[:3], base()), trainers(TRIALS[:3], base())
    first = at_work[1].tuned.replacements[0]
    update = cast(LowRank, first.update)
    too_narrow = replace(update, down=nn.Linear(2, update.down.weight.shape[0]))
    at_work[1].tuned.replacements = (replace(first, layer=Breaking(first.original), update=too_narrow),)
    shared = packer()
    with caplog.at_level(logging.WARNING):
        results = shared.step(at_work)
    assert [str(result.error) for result in results if result.error] == ["this layer is broken"]
    assert "t0000, t0001, t0002: a pass that they shared broke down" in caplog.text
    assert numbers(shared.groups(at_work)) == [[0, 1, 2]]
    train(packer(ALONE), expected, 1)
    assert (
        distance(parameters(at_work[0]), parameters(expected[0]))
        == distance(parameters(at_work[2]), parameters(expected[2]))
        == 0
    )


class BreaksIfShared(nn.Linear):
    """A layer of the base that works for one trial only."""

    error: Exception

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if len(x) > 4:
            raise self.error
        return super().forward(x)


@pytest.mark.parametrize(
    ("error", "groups"),
    [(torch.OutOfMemoryError("no room"), [[0], [1], [2, 5]]), (ValueError("too many"), [[0], [1], [2], [5]])],
)
def test_a_pass_that_works_for_each_alone_is_made_smaller(error: Exception, groups: list[list[int]]) -> None:
    shared_base = base()
    layer = cast(Any, shared_base.model).transformer.h[0].attn.c_attn
    layer.__class__, layer.error = BreaksIfShared, error
    at_work, shared = trainers((*TRIALS[:3], TRIALS[5]), shared_base), packer()
    assert [result.error for result in shared.step(at_work)] == [None] * 4
    assert numbers(shared.groups(at_work)) == groups


def test_the_time_of_a_pass_is_shared_by_tokens() -> None:
    first, second = packer().step(trainers((TRIALS[0], TRIALS[2]), base()))
    assert first.timing.wall > 0 and second.timing.wall > 0


def test_inside_a_pass_the_base_layer_is_called_once() -> None:
    shared_base, row_counts = base(), list[int]()
    layer = cast(Any, shared_base.model).transformer.h[0].attn.c_attn
    sharing = trainers(TRIALS[:2], shared_base)  # which try the base before their first pass
    layer.register_forward_hook(lambda module, inputs, output: row_counts.append(len(inputs[0])))
    packer().step(sharing)
    assert row_counts == [8]
    assert not isinstance(cast(Any, shared_base.model).transformer.h[0].attn.c_attn, SharedLayer)
