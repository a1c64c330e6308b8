"""The dtype of a study that leaves it open: bf16 on GPUs that compute in it, else fp32."""

from pathlib import Path

import torch

from astraios_ray.config.study import LanesConfig, StudyConfig
from astraios_ray.errors import TornFile
from astraios_ray.search.recorded_study import read_study


def with_dtype(study: StudyConfig, folder: Path | None = None) -> StudyConfig:
    """``study`` with a dtype in place of ``auto``.

    It is the one that ``folder``, the run folder of a study that goes on, records, so that this machine does
    not change it; else that of this machine.
    """
    if study.model.dtype != "auto":
        return study
    dtype = _dtype_in(folder) if folder else None
    model = study.model.model_copy(update={"dtype": dtype or _dtype_of(study.lanes)})
    return study.model_copy(update={"model": model})


def _dtype_of(lanes: LanesConfig) -> str:
    uses_gpus = lanes.gpus != 0 and torch.cuda.is_available()
    return "bf16" if uses_gpus and torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"


def _dtype_in(folder: Path) -> str | None:
    """None where no study is recorded. A damaged record is refused when its study is compared."""
    try:
        return str(read_study(folder)["model"]["dtype"])
    except (TornFile, KeyError, TypeError):
        return None
