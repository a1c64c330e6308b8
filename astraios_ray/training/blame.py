"""Whose fault an exception is: the trial's that was trained, or the device's."""

import torch

from astraios_ray.errors import LaneBroken


def refuse_dead_device(device: str, error: Exception) -> None:
    """After an error of the accelerator no trial may train there any more. Raises LaneBroken."""
    if isinstance(error, torch.OutOfMemoryError):
        return  # the device is well, and may have no room for a test while the error holds its tensors
    try:
        (torch.zeros(1, device=device) + 1).item()
    except Exception as dead:  # of whatever kind: the device cannot add two numbers
        raise LaneBroken(f"{device} answers no more: {words_of(error)}") from dead


def words_of(error: Exception) -> str:
    """What went wrong, as the reason of a trial that failed."""
    said = f"{type(error).__name__}: {error}"
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        said += " A smaller batch_size, micro_batch_size or sequence_length takes less."
    return said
