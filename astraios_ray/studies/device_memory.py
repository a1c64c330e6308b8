"""The memory that a lane's worker may fill and who shares it, where it is known before anything runs."""

from dataclasses import dataclass

import psutil
import torch

from astraios_ray.config.study import LanesConfig
from astraios_ray.training.pass_packing import CPU_TOKENS, GPU_TOKENS


@dataclass(frozen=True)
class Memory:
    """So many bytes, and of what."""

    bytes: int
    of: str
    pack_tokens: int  # of a pass that trials share there, unless the study says otherwise


def memory_of(lanes: LanesConfig) -> Memory | None:
    """A GPU's of this machine, or its own where lanes use none; None: lanes want GPUs that are elsewhere."""
    if lanes.gpus != 0 and torch.cuda.is_available():
        return Memory(torch.cuda.get_device_properties(0).total_memory, "a GPU of this machine", GPU_TOKENS)
    if lanes.gpus in ("auto", 0):
        return Memory(psutil.virtual_memory().total, "this machine", CPU_TOKENS)
    return None


def processes_of(lanes: LanesConfig) -> int | None:
    """Of all lanes together, where they run on CPUs and their number is said; None: not known, or on GPUs."""
    on_cpus = lanes.gpus == 0 or (lanes.gpus == "auto" and not torch.cuda.is_available())
    return lanes.count * lanes.workers if on_cpus and lanes.count != "auto" else None
