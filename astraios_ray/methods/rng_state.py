"""The states of torch's own random generators: of the CPU's, and of one GPU's where there is one."""

import torch


def states(device: str | torch.device) -> list[torch.Tensor]:
    """How they stand now. ``device`` is where the model is."""
    found = [torch.get_rng_state()]
    if torch.device(device).type == "cuda":
        found.append(torch.cuda.get_rng_state(device))
    return found


def restore(device: str | torch.device, kept: list[torch.Tensor]) -> None:
    """Let them stand as ``states`` of the same device found them."""
    torch.set_rng_state(kept[0])
    if len(kept) > 1:
        torch.cuda.set_rng_state(kept[1], device)


def seed_all(device: str | torch.device, seed: int) -> None:
    """Let them begin at ``seed``."""
    torch.default_generator.manual_seed(seed)  # torch.manual_seed would walk the whole stack
    if torch.device(device).type == "cuda":
        with torch.cuda.device(device):
            torch.cuda.manual_seed(seed)
