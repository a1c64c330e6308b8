"""Random streams per trial, so that trials do not change each other's dropout."""

import hashlib

import torch

from astraios_ray.methods.rng_state import restore, seed_all, states


class Draws:
    """The random numbers of one step. Inside, torch draws them; afterwards its generators are as before.

    Entered again, it continues where it stopped, whatever was drawn in between.
    """

    def __init__(self, seed: int, device: str) -> None:
        self._seed, self._device = seed, device
        self._inside: list[torch.Tensor] | None = None

    def __enter__(self) -> None:
        self._outside = states(self._device)
        if self._inside is None:
            seed_all(self._device, self._seed)
        else:
            restore(self._device, self._inside)

    def __exit__(self, *how: object) -> None:
        self._inside = states(self._device)
        restore(self._device, self._outside)


class RandomStream:
    """The random numbers of one worker for one trial. They depend on the step, not on earlier draws.

    So there is nothing to save when a trial is paused, moved or resumed, on any worker of a lane. Streams of
    another ``purpose`` draw other numbers.
    """

    def __init__(self, seed: int, device: str, rank: int = 0, purpose: str = "") -> None:
        self._seed, self._device, self._rank, self._purpose = seed, device, rank, purpose

    def at(self, step: int) -> Draws:
        """The random numbers of ``step``, from its beginning."""
        name = f"{self._purpose}{self._seed} {self._rank} {step}".encode()
        seed = int.from_bytes(hashlib.sha256(name).digest()[:7], "big")  # torch's CPU generator reads 32 bits
        return Draws(seed, self._device)
