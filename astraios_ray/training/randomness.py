"""A random stream of one's own: dropout that neighbours neither see nor disturb."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


class Stream:
    """The state of torch's global generators, kept for one trial and put in place only while it runs."""

    def __init__(self, seed: int, device: str) -> None:
        self._cuda = device if device.startswith("cuda") else None
        with self._kept():
            torch.manual_seed(seed)
            self.state = self._read()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Inside, torch draws from this stream; afterwards the global generators are as before."""
        with self._kept():
            self._write(self.state)
            yield
            self.state = self._read()

    @contextmanager
    def _kept(self) -> Iterator[None]:
        before = self._read()
        try:
            yield
        finally:
            self._write(before)

    def _read(self) -> dict[str, torch.Tensor]:
        state = {"cpu": torch.get_rng_state()}
        if self._cuda:
            state["cuda"] = torch.cuda.get_rng_state(self._cuda)
        return state

    def _write(self, state: dict[str, torch.Tensor]) -> None:
        torch.set_rng_state(state["cpu"])
        if self._cuda and "cuda" in state:
            torch.cuda.set_rng_state(state["cuda"], self._cuda)
