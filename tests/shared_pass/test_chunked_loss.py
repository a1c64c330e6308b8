"""Losses without all logits of a batch equal the model's own losses, and so do the gradients."""

from functools import partial
from typing import Any

import pytest
import torch
from torch import nn
from transformers import AutoModelForCausalLM

from astraios_ray.methods import build
from astraios_ray.shared_pass import chunked_loss
from astraios_ray.shared_pass.chunked_loss import mean_losses, next_tokens, try_head
from astraios_ray.training.memory_trace import Meter
from tests.contracts.base_watch import Watch
from tests.fakes.capped_models import CAPPED, capped_model
from tests.fakes.tiny_models import ARCHITECTURES, SMALL, VOCABULARY, target_modules_of, tiny_model, tokens

METHODS = ("full", "lora", "ia3", "p_tuning", "adapter_h")


def batch_of(rows: int = 4) -> dict[str, torch.Tensor]:
    ids = tokens(rows)
    mask, labels = torch.ones_like(ids), ids.clone()
    mask[0, -3:], labels[0, -3:], labels[:, 0] = 0, -100, -100
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


@pytest.fixture
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunked_loss, "LOGITS_AT_ONCE", 3 * VOCABULARY)


@pytest.mark.usefixtures("few_at_once")
@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("name", METHODS)
def test_loss_and_gradients_are_those_of_the_model_itself(name: str, architecture: str) -> None:
    tuned = build(name, SMALL.get(name, {})).apply(
        tiny_model(architecture), target_modules_of(architecture), 0
    )
    model, batch, parameters = tuned.model, batch_of(), list(tuned.trainable().values())
    try_head(tuned.base)
    with tuned.attached():
        model_loss = model(**batch, use_cache=False).loss
        expected = torch.autograd.grad(model_loss, parameters)
        arguments = {k: v for k, v in batch.items() if k != "labels"}
        (chunked,) = mean_losses(
            model, lambda: model(**arguments, use_cache=False), [next_tokens(batch["labels"])]
        )
        gradients = torch.autograd.grad(chunked, parameters)
    assert chunked.item() == pytest.approx(model_loss.item(), rel=1e-6)
    for gradient, expected_gradient in zip(gradients, expected, strict=True):
        assert torch.allclose(gradient, expected_gradient, rtol=1e-4, atol=1e-6)


@pytest.mark.usefixtures("few_at_once")
def test_the_head_is_asked_for_few_labelled_tokens_at_a_time_and_is_back_afterwards() -> None:
    model, token_counts = tiny_model(), list[int]()
    watch = Watch(model)
    hook = model.get_submodule("lm_head").register_forward_hook(
        lambda _, inputs, out: token_counts.append(len(out))
    )
    batch = batch_of()
    try_head(model)
    token_counts.clear()
    mean_losses(model, lambda: model(input_ids=batch["input_ids"]), [next_tokens(batch["labels"])])
    assert max(token_counts) == 3
    assert sum(token_counts) == int((batch["labels"] != -100).sum())
    hook.remove()
    watch.check()


def losses_of(model: Any) -> tuple[float, float]:
    """Ours, and the model's own."""
    try_head(model)
    batch = batch_of()
    arguments = {name: value for name, value in batch.items() if name != "labels"}
    (loss,) = mean_losses(model, lambda: model(**arguments, use_cache=False), [next_tokens(batch["labels"])])
    return float(loss), float(model(**batch, use_cache=False).loss)


@pytest.mark.parametrize("architecture", CAPPED)
def test_the_loss_of_a_model_that_caps_or_scales_its_logits_is_its_own(architecture: str) -> None:
    loss, model_loss = losses_of(capped_model(architecture))
    assert loss == pytest.approx(model_loss, rel=1e-6)


class Clamped(nn.Module):
    """Limits logits that two rows of a small model do not reach."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model, self.config, self.device = model, model.config, model.device
        self.get_output_embeddings = model.get_output_embeddings
        self.get_input_embeddings = model.get_input_embeddings

    def forward(self, **arguments: Any) -> Any:
        """The model's output, its logits between -50 and 50."""
        output = self.model(**arguments)
        output.logits = output.logits.clamp(-50, 50)
        return output


def test_a_cap_counts_even_if_it_changes_no_logit_of_the_rows_that_are_tried() -> None:
    shapes, model = list[torch.Size](), Clamped(tiny_model())
    try_head(model)
    model.model.lm_head.register_forward_hook(lambda _, inputs, out: shapes.append(out.shape))
    batch = batch_of()
    mean_losses(model, lambda: model(input_ids=batch["input_ids"]), [next_tokens(batch["labels"])])
    assert shapes == [(*batch["input_ids"].shape, VOCABULARY)]


def test_a_head_on_the_meta_device_is_tried_without_content() -> None:
    with torch.device("meta"):
        plain = AutoModelForCausalLM.from_config(tiny_model().config).eval().requires_grad_(False)
        scaled = AutoModelForCausalLM.from_config(CAPPED["Cohere"]()).eval().requires_grad_(False)
    for model, expected in ((plain, True), (scaled, False)):
        with Meter([], full_masks=True):
            try_head(model)
        assert (chunked_loss._last_step(model) is not None) is expected


def test_each_owner_has_the_mean_over_its_own_labels() -> None:
    model, batch = tiny_model(), batch_of()
    targets = list(torch.split(next_tokens(batch["labels"]), [1, len(batch["input_ids"]) - 1]))
    shared_losses = mean_losses(model, lambda: model(input_ids=batch["input_ids"]), targets)
    ids = torch.split(batch["input_ids"], [1, len(batch["input_ids"]) - 1])
    separate_losses = [
        mean_losses(model, partial(model, input_ids=owner_ids), [owner_targets])[0]
        for owner_ids, owner_targets in zip(ids, targets, strict=True)
    ]
    assert [loss.item() for loss in shared_losses] == pytest.approx(
        [loss.item() for loss in separate_losses], rel=1e-6
    )
