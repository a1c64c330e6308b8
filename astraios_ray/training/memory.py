"""How much memory this process holds."""

import psutil
import torch


def memory_mib(device: str) -> float:
    """The process's peak of allocated GPU memory, or on a CPU its resident set now, in MiB."""
    if device.startswith("cuda"):
        return torch.cuda.max_memory_allocated(device) / 2**20
    return float(psutil.Process().memory_info().rss) / 2**20
