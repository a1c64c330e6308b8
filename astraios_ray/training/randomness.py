"""A random stream of one's own: dropout that neighbours neither see nor disturb."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import torch


class Stream:
    """What one worker draws for one trial: at every step the same, whatever was drawn before.

    So there is nothing to save: a trial that is parked, moved or resumed goes on where it was, on every
    worker of a lane.
    """

    def __init__(self, seed: int, device: str, rank: int = 0) -> None:
        self._seed, self._rank = seed, rank
        self._cuda = device if device.startswith("cuda") else None

    @contextmanager
    def at(self, step: int) -> Iterator[None]:
        """Inside, torch draws from this stream's ``step``; afterwards its generators are as before."""
        name = f"{self._seed} {self._rank} {step}".encode()  # hashed: torch's CPU generator reads 32 bits
        seed = int.from_bytes(hashlib.sha256(name).digest()[:7], "big")
        with torch.random.fork_rng(devices=[self._cuda] if self._cuda else []):
            torch.default_generator.manual_seed(seed)
            if self._cuda:
                with torch.cuda.device(self._cuda):
                    torch.cuda.manual_seed(seed)
            yield
