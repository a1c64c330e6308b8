"""A search refuses a method that the model has no layers for, before it loads weights."""

from pathlib import Path

import pytest

from astraios_ray.errors import ConfigError
from astraios_ray.studies.load_study import read_study
from astraios_ray.studies.memory_estimate import model_without_weights
from astraios_ray.studies.method_check import check_methods
from tests.fakes.architectures import small_config


def check(folder: Path, methods: str) -> None:
    small_config("Mixtral").save_pretrained(folder)
    study, space = read_study("quickstart", [f"model.id={folder}", "model.dtype=fp32", f"methods={methods}"])
    check_methods(study, space, model_without_weights(study))


def test_methods_that_find_their_layers_pass(tmp_path: Path) -> None:
    check(tmp_path, "{lora: {r: 4}, full: {}, p_tuning: {}}")


def test_a_method_that_misses_its_layers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'adapter_p' adapts linear layers of mlp_out; found none"):
        check(tmp_path, "{lora: {r: 4}, adapter_p: {bottleneck: 4}}")
