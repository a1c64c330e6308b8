"""Methods adapt the part of a model that reads text, never a vision tower beside it."""

from typing import Any

import pytest

from astraios_ray.methods import build
from astraios_ray.models.target_modules import find_target_modules
from tests.fakes.capped_models import WITH_VISION, capped_model
from tests.fakes.tiny_models import SMALL, tokens

KINDS: dict[str, dict[str, Any]] = {
    **{name: SMALL.get(name, {}) for name in ("lora", "ia3", "adapter_h", "adapter_p", "parallel")},
    "peft:LORA": {"target_modules": "all-linear"},
    "peft:LN_TUNING": {},
    "peft:VERA": {"r": 4},
}


@pytest.mark.parametrize("method", KINDS)
@pytest.mark.parametrize("architecture", WITH_VISION)
def test_no_method_touches_a_vision_tower(architecture: str, method: str) -> None:
    model = capped_model(architecture)
    tuned = build(method, KINDS[method]).apply(model, find_target_modules(model, None), 0)
    assert tuned.trainable()
    with tuned.attached():
        adapted = [name for name, module in model.named_modules() if "base_layer" in module._modules]
        assert adapted
        assert {name.startswith("model.language_model.") for name in adapted} == {True}


@pytest.mark.parametrize("architecture", WITH_VISION)
def test_virtual_tokens_are_as_wide_as_the_embeddings_of_the_text(architecture: str) -> None:
    model = capped_model(architecture)
    tuned = build("p_tuning", {"virtual_tokens": 5}).apply(model, find_target_modules(model, None), 0)
    assert tuned.model(input_ids=tokens()).logits.shape == (*tokens().shape, 61)
