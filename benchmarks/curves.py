"""The recorded learning curves of a grid of trials, each trained to its end."""

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from astraios_ray.records import Value

FOLDER = Path(__file__).parent
PLACES: Mapping[str, Path] = {  # by the ranges of the grid
    "close": FOLDER / "curves.jsonl.gz",
    "quickstart": FOLDER / "curves_of_quickstart_ranges.jsonl.gz",
    "long_warmup": FOLDER / "curves_of_a_long_warmup.jsonl.gz",
}
PLACE = PLACES["close"]


@dataclass(frozen=True)
class Curve:
    """One trial's validation losses, in nats per token, at each ``every``-th step; infinite once diverged."""

    method: str
    values: Mapping[str, Value]
    every: int
    losses: Sequence[float]

    def at(self, step: int) -> float:
        """The loss at ``step``, a multiple of ``every``."""
        if step % self.every or not 0 < step <= self.steps:
            raise ValueError(
                f"Step {step} was not validated: it is no multiple of {self.every} from {self.every} "
                f"to {self.steps}."
            )
        return self.losses[step // self.every - 1]

    @property
    def steps(self) -> int:
        """The number of steps at full length."""
        return self.every * len(self.losses)


def read_curves(place: Path = PLACE) -> list[Curve]:
    """All curves of the file, in its order."""
    head, *lines = map(json.loads, gzip.decompress(place.read_bytes()).decode().splitlines())
    every = head["study"]["training"]["validate_every"]
    return [Curve(line["method"], line["values"], every, line["losses"]) for line in lines]
