"""The states of torch's default random generators: the CPU's, and one GPU's where the model is on one."""

import torch


def states(device: str | torch.device) -> list[torch.Tensor]:
    """The current states. ``device`` is where the model is."""
    rng_states = [torch.get_rng_state()]
    if torch.device(device).type == "cuda":
        rng_states.append(torch.cuda.get_rng_state(device))
    return rng_states


def restore(device: str | torch.device, rng_states: list[torch.Tensor]) -> None:
    """Set the generators to ``rng_states``, the result of ``states`` for the same device."""
    torch.set_rng_state(rng_states[0])
    if len(rng_states) > 1:
        torch.cuda.set_rng_state(rng_states[1], device)


def seed_all(device: str | torch.device, seed: int) -> None:
    """Seed the generators of the CPU and of ``device``."""
    torch.default_generator.manual_seed(seed)  # torch.manual_seed would inspect the call stack
    if torch.device(device).type == "cuda":
        with torch.cuda.device(device):
            torch.cuda.manual_seed(seed)
