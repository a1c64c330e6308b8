"""A random stream of one's own: dropout that neighbours neither see nor disturb."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

STEPS = 1 << 24  # steps with streams of their own
RANKS = 1 << 12


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
        before = torch.get_rng_state()
        before_on_gpu = torch.cuda.get_rng_state(self._cuda) if self._cuda else None
        seed = ((self._seed * RANKS + self._rank) * STEPS + step) % (1 << 63)
        try:
            torch.default_generator.manual_seed(seed)
            if self._cuda:
                with torch.cuda.device(self._cuda):
                    torch.cuda.manual_seed(seed)
            yield
        finally:
            torch.set_rng_state(before)
            if before_on_gpu is not None:
                torch.cuda.set_rng_state(before_on_gpu, self._cuda)
