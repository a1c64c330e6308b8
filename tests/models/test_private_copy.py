"""A private copy has the weights of a model, and nothing that a pass left behind."""

import torch

from astraios_ray.models.private_copy import private_copy
from tests.fakes.cached_models import cached_model


def test_a_model_that_keeps_the_states_of_its_last_rows_is_copied_without_them() -> None:
    model = cached_model("RecurrentGemma", 61)
    ids = torch.arange(8)[None]
    expected = model(input_ids=ids).logits
    weights = dict(model.named_parameters())
    weights["model.embed_tokens.weight"].requires_grad_(True)
    model(input_ids=ids, use_cache=False)  # its graph stays in the modules
    weights["model.embed_tokens.weight"].requires_grad_(False)
    copy = private_copy(model)
    assert torch.equal(copy(input_ids=ids).logits, expected)
    assert all(mine is not weights[name] for name, mine in copy.named_parameters())
