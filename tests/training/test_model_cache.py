"""The bases and rows that trials share, and models that cannot be trained."""

from pathlib import Path

import pytest
from transformers import PreTrainedTokenizerFast

from astraios_ray.errors import ConfigError
from astraios_ray.models.nano import nano_tokenizer
from astraios_ray.records import DataRef, ModelRef
from astraios_ray.training.model_cache import ModelCache
from tests.fakes.backends import write_model


def test_a_tokenizer_without_an_end_of_text_is_refused_by_the_models_name(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model")
    endless = PreTrainedTokenizerFast(tokenizer_object=nano_tokenizer().backend_tokenizer)
    endless.save_pretrained(folder)
    with pytest.raises(ConfigError, match="model' has a tokenizer without an eos_token; samples end with it"):
        ModelCache().blocks(ModelRef(str(folder)), DataRef("builtin:primer"))
