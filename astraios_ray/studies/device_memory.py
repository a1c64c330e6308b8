"""The memory that a lane's worker may fill, and how many processes share it, as known before a run."""

from dataclasses import dataclass

import psutil
import torch

from astraios_ray.config.study import LanesConfig
from astraios_ray.training.pass_packing import CPU_TOKENS, GPU_TOKENS


@dataclass(frozen=True)
class Memory:
    """The size of a device's memory, and which device it is."""

    bytes: int
    of: str
    pack_tokens: int  # of a pass that trials share there, unless the study says otherwise


def memory_of(lanes: LanesConfig) -> Memory | None:
    """The memory of this machine's GPU, or its own if lanes use no GPU; None: the GPUs are elsewhere."""
    if lanes.gpus != 0 and torch.cuda.is_available():
        return Memory(torch.cuda.get_device_properties(0).total_memory, "a GPU of this machine", GPU_TOKENS)
    if lanes.gpus in ("auto", 0):
        return Memory(psutil.virtual_memory().total, "this machine", CPU_TOKENS)
    return None


def processes_of(lanes: LanesConfig) -> int | None:
    """How many worker processes run on CPUs; None: lanes use GPUs, or their number is not given."""
    on_cpus = lanes.gpus == 0 or (lanes.gpus == "auto" and not torch.cuda.is_available())
    return lanes.count * lanes.workers if on_cpus and lanes.count != "auto" else None
