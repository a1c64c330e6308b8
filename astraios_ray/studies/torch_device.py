"""The torch device of this process."""

import torch

from astraios_ray.errors import ConfigError


def usable_device(name: str | None) -> str:
    """The device ``name``, by default the first GPU, else the CPU. Raises ConfigError for one that fails."""
    device = name or ("cuda:0" if torch.cuda.is_available() else "cpu")
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:  # no such device, or torch is built without it
        words = str(error).splitlines()[0]
        raise ConfigError(f"`device`: {device!r} cannot be used: {words}.", arguments=["device"]) from error
    return device
