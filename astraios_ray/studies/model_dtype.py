"""The dtype of a study that leaves it open: bf16 on GPUs that compute in it, else fp32."""

from collections.abc import Mapping
from typing import Any

import torch

from astraios_ray.config.study import LanesConfig, StudyConfig
from astraios_ray.search.folder import NOTHING


def with_dtype(study: StudyConfig, recorded: Mapping[str, Mapping[str, Any]] = NOTHING) -> StudyConfig:
    """``study`` with a dtype in place of ``auto``.

    It is the one in the ``recorded`` sections of a study that goes on, so that this machine does not change
    it; else that of this machine.
    """
    if study.model.dtype != "auto":
        return study
    dtype = recorded.get("model", {}).get("dtype") or _dtype_of(study.lanes)
    model = study.model.model_copy(update={"dtype": dtype})
    return study.model_copy(update={"model": model})


def _dtype_of(lanes: LanesConfig) -> str:
    uses_gpus = lanes.gpus != 0 and torch.cuda.is_available()
    return "bf16" if uses_gpus and torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
