"""The dtype of a study that leaves it open: bf16 on GPUs that compute in it, else fp32."""

from pathlib import Path

import torch
import yaml

from astraios_ray.config.study import LanesConfig, StudyConfig


def with_dtype(study: StudyConfig, recorded: Path | None = None) -> StudyConfig:
    """``study`` with a dtype in place of ``auto``.

    It is the one in ``recorded``, the file of a study that goes on, so that this machine does not change it;
    else that of this machine.
    """
    if study.model.dtype != "auto":
        return study
    dtype = _dtype_in(recorded) if recorded and recorded.exists() else None
    model = study.model.model_copy(update={"dtype": dtype or _dtype_of(study.lanes)})
    return study.model_copy(update={"model": model})


def _dtype_of(lanes: LanesConfig) -> str:
    uses_gpus = lanes.gpus != 0 and torch.cuda.is_available()
    return "bf16" if uses_gpus and torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"


def _dtype_in(file: Path) -> str | None:
    """None for a damaged file, which is refused when its study is compared."""
    try:
        study = yaml.safe_load(file.read_text())
        return str(study["model"]["dtype"])
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError):
        return None
