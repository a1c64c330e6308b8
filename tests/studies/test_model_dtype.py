"""A study that leaves the dtype open gets bf16 on GPUs that compute in it, and keeps what it began with."""

from pathlib import Path
from typing import Any

import pytest
import torch

from astraios_ray.config.study import StudyConfig
from astraios_ray.studies.model_dtype import with_dtype
from astraios_ray.studies.recorded_values import recorded_sections
from astraios_ray.training.runtime import allow_tf32


def study(dtype: str = "auto", **lanes: Any) -> StudyConfig:
    raw = {
        "name": "open",
        "model": {"id": "builtin:nano-xs", "dtype": dtype},
        "data": {"train": "builtin:primer"},
        "budget": {"trials": 1},
        "methods": {"lora": {}},
        "lanes": lanes,
    }
    return StudyConfig.model_validate(raw)


@pytest.fixture
def gpu(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with a GPU that computes in bf16, or, by its parameter, in emulation only."""
    native = getattr(request, "param", True)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(
        torch.cuda, "is_bf16_supported", lambda including_emulation=True: native or including_emulation
    )


@pytest.mark.usefixtures("gpu")
@pytest.mark.parametrize(("gpu", "dtype"), [(True, "bf16"), (False, "fp32")], indirect=["gpu"])
def test_a_gpu_that_computes_in_bf16_gets_it(dtype: str) -> None:
    assert with_dtype(study()).model.dtype == dtype


@pytest.mark.usefixtures("gpu")
def test_lanes_on_cpus_beside_a_gpu_get_fp32() -> None:
    assert with_dtype(study(gpus=0)).model.dtype == "fp32"


def test_a_machine_without_a_gpu_gets_fp32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert with_dtype(study()).model.dtype == "fp32"


@pytest.mark.usefixtures("gpu")
def test_a_study_that_says_its_dtype_keeps_it(tmp_path: Path) -> None:
    assert with_dtype(study("fp32")).model.dtype == "fp32"


@pytest.mark.usefixtures("gpu")
def test_a_study_that_goes_on_keeps_the_dtype_that_it_began_with(tmp_path: Path) -> None:
    assert with_dtype(study(), recorded_sections(tmp_path)).model.dtype == "bf16"
    (tmp_path / "resolved.yaml").write_text("model: {dtype: fp32}\n")
    assert with_dtype(study(), recorded_sections(tmp_path)).model.dtype == "fp32"
    (tmp_path / "resolved.yaml").write_text("model: [torn\n")
    assert with_dtype(study(), recorded_sections(tmp_path)).model.dtype == "bf16"


@pytest.mark.parametrize(("device", "precision"), [("cuda:1", "high"), ("cpu", "highest")])
def test_float32_products_use_tf32_on_a_gpu_alone(
    device: str, precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = ["highest"]
    monkeypatch.setattr(torch, "set_float32_matmul_precision", settings.append)
    allow_tf32(device)
    assert settings[-1] == precision
