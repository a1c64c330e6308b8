"""Tells whether an exception is the fault of the trained trial or of the machine."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from astraios_ray.errors import AstraiosError, LaneBroken

GO_ON = "What was done before is kept; once that is mended, the same command goes on."


@contextmanager
def machines_trouble(what: str) -> Iterator[None]:
    """Turn any exception inside, except the package's own, into LaneBroken: the machine is at fault.

    ``what`` says what could not be done. A full disk, for one, gives an error of safetensors' own.
    """
    try:
        yield
    except AstraiosError:
        raise
    except Exception as error:
        raise LaneBroken(f"{what}: {words_of(error).rstrip('.')}. {GO_ON}") from error


def refuse_dead_device(device: str, error: Exception) -> None:
    """Raise LaneBroken where ``device`` no longer computes after ``error``: no trial may train there."""
    if isinstance(error, torch.OutOfMemoryError):
        return  # the device works, but may have no room for a test while the error holds its tensors
    try:
        (torch.zeros(1, device=device) + 1).item()
    except Exception as failure:  # of any kind: the device cannot add two numbers
        raise LaneBroken(f"{device} answers no more: {words_of(error)}") from failure


def words_of(error: Exception) -> str:
    """The text of ``error`` that becomes the reason of a failed trial."""
    message = f"{type(error).__name__}: {error}"
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        message += " A smaller batch_size, micro_batch_size or sequence_length takes less."
    return message
