"""Measures what passes take: wall time, time of the device, and the load of the machine meanwhile."""

import os
from dataclasses import dataclass
from math import isnan
from time import perf_counter, process_time
from typing import Any

import torch


@dataclass(frozen=True)
class Timing:
    """What passes took, in seconds."""

    wall: float = 0.0
    device: float = 0.0  # CPU time of the process, on all cores; on a GPU the time between two events there
    loaded: float = 0.0  # wall seconds times the machine's load per core

    @property
    def recorded(self) -> tuple[float, float]:
        """Device time, and the mean load per core; zeros where a part of the passes was not measured."""
        return (self.device, self.loaded / self.wall) if self.wall and not isnan(self.device) else (0.0, 0.0)

    def __add__(self, other: "Timing") -> "Timing":
        return Timing(self.wall + other.wall, self.device + other.device, self.loaded + other.loaded)

    def times(self, share: float) -> "Timing":
        """A share of it."""
        return Timing(self.wall * share, self.device * share, self.loaded * share)


class PassTimer:
    """Measures from its construction on."""

    def __init__(self, device: str, cuda: Any = torch.cuda) -> None:
        """``cuda`` makes events, as torch.cuda does."""
        self._cuda = cuda if device.startswith("cuda") else None
        self._wall, self._device = perf_counter(), self._mark()

    def read(self) -> Timing:
        """What was taken so far. On a GPU it waits until the work is done."""
        device = self._since()
        wall = perf_counter() - self._wall
        return Timing(wall, device, wall * os.getloadavg()[0] / (os.cpu_count() or 1))

    def _mark(self) -> Any:
        """A moment on the device."""
        if self._cuda is None:
            return process_time()
        event = self._cuda.Event(enable_timing=True)
        event.record()
        return event

    def _since(self) -> float:
        moment = self._mark()
        if self._cuda is None:
            return float(moment - self._device)
        moment.synchronize()
        return float(self._device.elapsed_time(moment)) / 1000  # from milliseconds
