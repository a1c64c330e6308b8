"""Losses without the logits of a whole batch: those of the model itself, with their gradients."""

from functools import partial
from typing import Any

import pytest
import torch

from astraios_ray.methods import build, token_losses
from astraios_ray.models.target_modules import known_target_modules
from astraios_ray.shared_pass.chunked_loss import mean_losses, next_tokens
from tests.contracts.base_watch import Watch
from tests.fakes.tiny_models import ARCHITECTURES, SMALL, VOCABULARY, tiny_model, tokens

METHODS = ("full", "lora", "ia3", "p_tuning", "adapter_h")


def asked(rows: int = 4) -> dict[str, torch.Tensor]:
    ids = tokens(rows)
    mask, labels = torch.ones_like(ids), ids.clone()
    mask[0, -3:], labels[0, -3:], labels[:, 0] = 0, -100, -100
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


@pytest.fixture
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_losses, "LOGITS_AT_ONCE", 3 * VOCABULARY)


@pytest.mark.usefixtures("few_at_once")
@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("name", METHODS)
def test_loss_and_gradients_are_those_of_the_model_itself(name: str, architecture: str) -> None:
    tuned = build(name, SMALL.get(name, {})).apply(
        tiny_model(architecture), known_target_modules(architecture), 0
    )
    model, batch, parameters = tuned.model, asked(), list(tuned.trainable().values())
    with tuned.attached():
        theirs = model(**batch, use_cache=False).loss
        expected = torch.autograd.grad(theirs, parameters)
        given = {k: v for k, v in batch.items() if k != "labels"}
        (ours,) = mean_losses(model, lambda: model(**given, use_cache=False), [next_tokens(batch["labels"])])
        found = torch.autograd.grad(ours, parameters)
    assert ours.item() == pytest.approx(theirs.item(), rel=1e-6)
    for one, other in zip(found, expected, strict=True):
        assert torch.allclose(one, other, rtol=1e-4, atol=1e-6)


@pytest.mark.usefixtures("few_at_once")
def test_the_head_is_asked_for_few_labelled_tokens_at_a_time_and_is_back_afterwards() -> None:
    model, seen = tiny_model(), list[int]()
    watch = Watch(model)
    hook = model.get_submodule("lm_head").register_forward_hook(lambda _, given, out: seen.append(len(out)))
    batch = asked()
    mean_losses(model, lambda: model(input_ids=batch["input_ids"]), [next_tokens(batch["labels"])])
    assert max(seen) == 3
    assert sum(seen) == int((batch["labels"] != -100).sum())
    hook.remove()
    watch.check()


def test_a_head_that_is_not_the_last_step_is_left_alone() -> None:
    model: Any = tiny_model()
    model.config.logit_scale = 0.5
    batch, shapes = asked(), list[torch.Size]()
    model.lm_head.register_forward_hook(lambda _, given, out: shapes.append(out.shape))
    mean_losses(model, lambda: model(input_ids=batch["input_ids"]), [next_tokens(batch["labels"])])
    assert shapes == [(*batch["input_ids"].shape, VOCABULARY)]


def test_each_owner_has_the_mean_over_its_own_labels() -> None:
    model, batch = tiny_model(), asked()
    targets = list(torch.split(next_tokens(batch["labels"]), [1, len(batch["input_ids"]) - 1]))
    both = mean_losses(model, lambda: model(input_ids=batch["input_ids"]), targets)
    ids = torch.split(batch["input_ids"], [1, len(batch["input_ids"]) - 1])
    alone = [
        mean_losses(model, partial(model, input_ids=some), [mine])[0]
        for some, mine in zip(ids, targets, strict=True)
    ]
    assert [loss.item() for loss in both] == pytest.approx([loss.item() for loss in alone], rel=1e-6)
