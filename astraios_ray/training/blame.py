"""Whose fault an exception is: the trial's that was trained, or the machine's."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from astraios_ray.errors import AstraiosError, LaneBroken

GO_ON = "What was done before is kept; once that is mended, the same command goes on."


@contextmanager
def machines_trouble(what: str) -> Iterator[None]:
    """Whatever breaks inside is the machine's trouble, of whatever kind: for a full disk safetensors has an
    error of its own. Raises LaneBroken, which says ``what`` could not be done.
    """
    try:
        yield
    except AstraiosError:
        raise
    except Exception as error:
        raise LaneBroken(f"{what}: {words_of(error).rstrip('.')}. {GO_ON}") from error


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
