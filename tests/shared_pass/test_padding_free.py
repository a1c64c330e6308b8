"""Rows without padding have the losses and gradients of padded rows, and padding costs nothing."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import pytest
import torch
from torch import nn
from transformers import AutoModelForCausalLM, GPTNeoConfig, MistralConfig

from astraios_ray.methods import TunedModel
from astraios_ray.methods.tuned import Batch
from astraios_ray.records import Value
from astraios_ray.shared_pass.chunked_loss import mean_losses
from astraios_ray.shared_pass.padding_free import Padded, Unpadded, can_do_without_padding
from astraios_ray.shared_pass.shared_forward import together
from astraios_ray.training.randomness import RandomStream
from tests.fakes.tiny_models import ARCHITECTURES, SPLIT, VOCABULARY, moved, tiny_model

KINDS: Sequence[tuple[str, Mapping[str, Value]]] = (
    ("lora", {"r": 3, "dropout": 0.2}),
    ("lora", {"r": 7}),
    ("p_tuning", {"virtual_tokens": 5}),
    ("ia3", {}),
    ("adapter_h", {"bottleneck": 6, "dropout": 0.3}),
    ("p_tuning", {"virtual_tokens": 3}),
    ("adapter_p", {"bottleneck": 9}),
    ("parallel", {"bottleneck": 4}),
)
LENGTHS = ((9, 2, 5), (1, 12), (4, 4, 3, 7), (12,), (6, 2), (3, 8, 8), (2, 3), (11, 2, 2))


def batch(lengths: Sequence[int], length: int = 12) -> Batch:
    generator = torch.Generator().manual_seed(sum(lengths))
    ids = torch.randint(VOCABULARY, (len(lengths), length), generator=generator)
    mask = (torch.arange(length) < torch.tensor(lengths)[:, None]).long()
    labels = ids.masked_fill(mask == 0, -100)
    labels[:, 0] = -100
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def learnt(tuned: TunedModel, loss: torch.Tensor) -> list[torch.Tensor]:
    return [loss.detach(), *torch.autograd.grad(loss, list(tuned.trainable().values()), retain_graph=True)]


def of_one(tuned: TunedModel, rows: Batch, *, unpadded: bool, training: bool = False) -> list[torch.Tensor]:
    with tuned.attached(), RandomStream(1, "cpu").at(0) if training else nullcontext():
        tuned.base.train(training)
        prepared = tuned.prepare(rows)
        layout = Unpadded([prepared], tuned.base) if unpadded else Padded([prepared])

        def call() -> Any:
            with layout.attention():
                return tuned.base(**layout.arguments, use_cache=False)

        return learnt(tuned, mean_losses(tuned.base, call, layout.targets)[0])


def distance(first: Sequence[torch.Tensor], second: Sequence[torch.Tensor]) -> float:
    return max(float((a - b).abs().max()) for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_losses_and_gradients_are_those_of_padded_rows(architecture: str) -> None:
    base = tiny_model(architecture).double()
    for tuned, lengths in zip(moved(base, architecture, KINDS), LENGTHS, strict=True):
        unpadded_result, padded_result = (
            of_one(tuned, batch(lengths), unpadded=unpadded) for unpadded in (True, False)
        )
        assert padded_result[0].abs() > 1
        assert distance(unpadded_result, padded_result) < 1e-12, tuned.origin.method


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_all_methods_share_one_pass_whatever_their_virtual_tokens_and_draw_what_they_draw_alone(
    architecture: str,
) -> None:
    base = tiny_model(architecture).double()
    tuned, rows = moved(base, architecture, KINDS), [batch(lengths) for lengths in LENGTHS]
    with together(tuned, [RandomStream(1, "cpu").at(0) for _ in tuned], training=True) as shared:
        losses = shared.losses(rows, unpadded=True)
        results = [learnt(each, loss) for each, loss in zip(tuned, losses, strict=True)]
    for each, model_rows, result in zip(tuned, rows, results, strict=True):
        assert distance(result, of_one(each, model_rows, unpadded=True, training=True)) < 1e-12, (
            each.origin.method
        )


def seen_by(model: Any, name: str) -> list[int]:
    """The number of tokens of each later call of a layer."""
    token_counts = list[int]()
    layer: nn.Module = model.get_submodule(name)
    layer.register_forward_hook(lambda _, inputs, output: token_counts.append(inputs[0].shape[:-1].numel()))
    return token_counts


def test_no_layer_of_the_base_sees_padding() -> None:
    base = tiny_model()
    tuned, token_counts = moved(base, "GPTBigCode", KINDS)[0], seen_by(base, "transformer.h.0.mlp.c_fc")
    of_one(tuned, batch((9, 2, 5)), unpadded=True)
    of_one(tuned, batch((9, 2, 5)), unpadded=False)
    assert token_counts == [16, 36]


def test_what_fills_up_a_short_row_reaches_nobody() -> None:
    base = tiny_model()
    tuned, poisoned = moved(base, "GPTBigCode", KINDS)[1], dict(batch((9, 2, 5)))
    clean = of_one(tuned, batch((9, 2, 5)), unpadded=True)
    poisoned["input_ids"] = torch.where(poisoned["attention_mask"] == 1, poisoned["input_ids"], 0)
    assert distance(of_one(tuned, poisoned, unpadded=True), clean) == 0


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_architectures_that_we_know_need_no_padding(architecture: str) -> None:
    assert can_do_without_padding(tiny_model(architecture))


def windowed() -> Any:
    return MistralConfig(**SPLIT, sliding_window=8)


def by_hand() -> Any:
    config = MistralConfig(**SPLIT, sliding_window=None)
    config._attn_implementation = "eager"
    return config


def in_two_ways() -> Any:
    return GPTNeoConfig(
        vocab_size=VOCABULARY, hidden_size=16, num_layers=2, num_heads=4, max_position_embeddings=96,
        attention_types=[[["global", "local"], 1]], bos_token_id=0, eos_token_id=0,
    )  # fmt: skip


@pytest.mark.parametrize("config", [windowed, by_hand, in_two_ways])
def test_attention_over_a_window_or_by_hand_keeps_its_padding(config: Callable[[], Any]) -> None:
    base: Any = AutoModelForCausalLM.from_config(config()).eval()
    assert not can_do_without_padding(base)


class Neighbourly(nn.Module):
    """Mixes each token with the previous one outside attention."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``x`` [rows, tokens, features]."""
        mixed: torch.Tensor = self.layer(x + torch.roll(x, 1, dims=1))
        return mixed


def test_tokens_that_see_others_outside_of_attention_keep_their_padding() -> None:
    base: Any = tiny_model()
    base.transformer.h[0].mlp = Neighbourly(base.transformer.h[0].mlp)
    assert not can_do_without_padding(base)
