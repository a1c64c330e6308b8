"""What is the machine's is told from what is the trial's."""

import errno

import pytest
import torch
from safetensors import SafetensorError
from torch import distributed

from astraios_ray.errors import ConfigError, LaneBroken, TornFile
from astraios_ray.training.blame import is_machines, refuse_machines_trouble


def caused_by(cause: Exception) -> Exception:
    error = ConfigError("peft refuses it")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.EIO, "Input/output error"),
        ConnectionResetError("by the peer"),
        SafetensorError("No space left on device (os error 28)"),
        distributed.DistBackendError("NCCL"),
        LaneBroken("no disk"),
        TornFile("a damaged file"),
        caused_by(TimeoutError("of the network")),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_of_files_network_and_workers_are_the_machines(error: Exception) -> None:
    assert is_machines(error)
    with pytest.raises(LaneBroken, match=r"The machine broke down: .*the same command goes on"):
        refuse_machines_trouble("cpu", error)


@pytest.mark.parametrize(
    "error",
    [
        ValueError("no such schedule"),
        ConfigError("no such method"),
        caused_by(TypeError("an unknown argument")),
        torch.OutOfMemoryError("of the GPU"),
        MemoryError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_of_values_and_memory_are_the_trials(error: Exception) -> None:
    assert not is_machines(error)
    refuse_machines_trouble("cpu", error)
