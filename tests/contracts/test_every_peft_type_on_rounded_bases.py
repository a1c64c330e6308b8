"""Every type of peft on an int8 or nf4 base: refused, or it begins near where it begins on an exact base."""

from pathlib import Path

import pytest
import torch
from torch import nn

from astraios_ray.errors import ConfigError
from astraios_ray.methods import build, peft_type
from astraios_ray.methods.peft_type import CONFIGS, REFUSED
from astraios_ray.models.load_base import load_base
from astraios_ray.models.target_modules import PINNED
from astraios_ray.records import ModelRef
from tests.contracts.test_every_peft_type import SMALL
from tests.fakes.byte_tokenizers import byte_tokenizer
from tests.fakes.tiny_models import logits_of, tiny_model, train

STARCODER2 = PINNED["Starcoder2"]  # its layers have biases
FAR = {torch.bfloat16: 0.1, torch.float32: 0.5}  # of the logits' size; the bases differ by 0.01 and 0.2
pytestmark = pytest.mark.filterwarnings("ignore:Sparse")


@pytest.fixture(scope="module", params=[("int8", "bf16"), ("nf4", "fp32")], ids="-".join)
def rounded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> nn.Module:
    quantization, dtype = request.param
    folder: Path = tmp_path_factory.mktemp("model")
    exact = tiny_model("Starcoder2")
    exact.save_pretrained(folder)  # type: ignore[operator]  # a Module may hold anything
    byte_tokenizer().save_pretrained(folder)
    return load_base(ModelRef(str(folder), dtype=dtype, quantization=quantization)).model


@pytest.mark.parametrize("kind", sorted(CONFIGS.keys() - REFUSED.keys()))
def test_it_is_refused_exactly_where_it_breaks_or_begins_elsewhere(
    kind: str, rounded: nn.Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_refused = _is_refused(kind, rounded)
    monkeypatch.setattr(peft_type, "READING_BY_QUANTIZATION", {"none": (), "int8": (), "nf4": ()})
    assert is_refused is not _works(kind, rounded)


def _is_refused(kind: str, base: nn.Module) -> bool:
    try:
        build(f"peft:{kind}", SMALL.get(kind, {})).apply(base, STARCODER2, 0)
    except ConfigError as error:
        return "computes with the base's weights" in str(error)
    return False


def _works(kind: str, base: nn.Module) -> bool:
    method = build(f"peft:{kind}", SMALL.get(kind, {}))
    expected = logits_of(method.apply(tiny_model("Starcoder2"), STARCODER2, 0))
    try:
        tuned = method.apply(base, STARCODER2, 0)
        distance = float((logits_of(tuned).float() - expected).norm() / expected.norm())
        losses = train(tuned, (0, 1))
    except (ConfigError, RuntimeError):
        return False
    return distance < FAR[logits_of(tuned).dtype] and all(torch.tensor(losses).isfinite())
