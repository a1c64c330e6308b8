"""Tells whether an exception is the fault of the trained trial or of the machine."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from safetensors import SafetensorError
from torch import distributed

from astraios_ray.errors import AstraiosError, LaneBroken, TornFile

GO_ON = "What was done before is kept; once that is mended, the same command goes on."
OF_MACHINES = (OSError, SafetensorError, distributed.DistError, LaneBroken, TornFile)


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


def is_machines(error: BaseException | None) -> bool:
    """Whether ``error``, or an error that caused it, is of a file, the network or other workers."""
    while error is not None and not isinstance(error, OF_MACHINES):
        error = error.__cause__
    return error is not None


def refuse_machines_trouble(device: str, error: Exception) -> None:
    """Raise LaneBroken where ``error`` is the machine's, or ``device`` no longer computes after it.

    The machine's is what ``is_machines`` says; what remains is the trial's.
    """
    if is_machines(error):
        raise LaneBroken(f"The machine broke down: {words_of(error).rstrip('.')}. {GO_ON}") from error
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
