"""Measures the memory that one trial takes in its turn."""

from typing import Any

import psutil
import torch


class MemoryMeter:
    """The peak between ``begin`` and ``mib``, since several trials take turns in one process."""

    def __init__(self, device: str, cuda: Any = torch.cuda) -> None:
        """``cuda`` counts allocated bytes per device and can reset its peak, as torch.cuda does."""
        self._device, self._cuda = device, cuda
        self._counted = device.startswith("cuda")

    def begin(self) -> None:
        """Reset the peak."""
        if self._counted:
            self._cuda.reset_peak_memory_stats(self._device)

    def mib(self) -> float:
        """The peak of allocated GPU memory since ``begin``; on a CPU the process's current resident set."""
        if self._counted:
            return float(self._cuda.max_memory_allocated(self._device)) / 2**20
        return float(psutil.Process().memory_info().rss) / 2**20
