"""The learning curve of any configuration of a space, between those that were recorded on a grid.

Logarithms of losses are interpolated over the learning rate, for each method and size. Every trial has luck
of its own: an offset that grows to the end, and noise at each validation. The regret of a configuration is
without luck.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from astraios_ray.records import Value
from astraios_ray.space.domains import Choice, Domain, Real
from benchmarks.curves import PLACES, read_curves

SIZES: Mapping[str, str] = {
    "lora": "r",
    "p_tuning": "virtual_tokens",
    "adapter_h": "bottleneck",
    "adapter_p": "bottleneck",
    "parallel": "bottleneck",
}
RATE = "learning_rate"
LUCK, NOISE = 0.02, 0.01  # standard deviations, of the logarithm of a loss
WORST = 20.0  # nats per token that a diverged trial has

Vector = npt.NDArray[np.float64]


@dataclass
class Trial:
    """One trial of a search: its curve with luck, and its last loss without."""

    method: str
    curve: Vector  # logarithms of losses, at each validation
    last: float  # without luck, a logarithm
    at: int = 0  # validations so far

    @property
    def loss(self) -> float:
        """The newest loss, in nats per token."""
        return math.exp(self.curve[self.at - 1])


@dataclass
class Surface:
    """The recorded grid of ``ranges``."""

    ranges: str
    _grid: dict[str, dict[Value, dict[float, Vector]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        curves = read_curves(PLACES[self.ranges])
        self.every, self.validations = curves[0].every, len(curves[0].losses)
        for curve in curves:
            size = curve.values.get(SIZES.get(curve.method, ""))
            logs = np.log(np.minimum(np.array(curve.losses), WORST))
            rates = self._grid.setdefault(curve.method, {}).setdefault(size, {})
            rates[float(curve.values[RATE] or 0)] = logs

    @property
    def methods(self) -> Sequence[str]:
        """The methods, in the order of the file."""
        return list(self._grid)

    @cached_property
    def space(self) -> dict[str, dict[str, Domain]]:
        """The space that the grid covers."""
        return {method: self._domains(method) for method in self._grid}

    def start(self, method: str, values: Mapping[str, Value], rng: np.random.Generator) -> Trial:
        """A new trial, with luck drawn from ``rng``."""
        clean = self._curve(method, values)
        ramp = np.linspace(0.5, 1, self.validations)
        noise = rng.normal(size=self.validations)
        return Trial(method, clean + LUCK * rng.normal() * ramp + NOISE * noise, float(clean[-1]))

    @cached_property
    def best(self) -> dict[str, float]:
        """The logarithm of the lowest last loss that each method can have."""
        return {method: min(self._lasts(method)) for method in self._grid}

    def middle(self, method: str) -> float:
        """The logarithm of the last loss in the middle of the ranges of ``method``."""
        lasts = self._lasts(method)
        return lasts[len(lasts) // 2]

    def _lasts(self, method: str) -> list[float]:
        low, high = _ends(self.space[method])
        rates = np.exp(np.linspace(math.log(low), math.log(high), 101)).tolist()
        name = SIZES.get(method, "")
        return [
            float(self._curve(method, {RATE: rate, name: size})[-1])
            for size in self._grid[method]
            for rate in rates
        ]

    def _domains(self, method: str) -> dict[str, Domain]:
        sizes = list(self._grid[method])
        rates = [rate for curves in self._grid[method].values() for rate in curves]
        size: dict[str, Domain] = {SIZES[method]: Choice(tuple(sizes))} if len(sizes) > 1 else {}
        return {**size, RATE: Real(min(rates), max(rates), log=True)}

    def _curve(self, method: str, values: Mapping[str, Value]) -> Vector:
        sizes = self._grid[method]
        curves = sizes[values.get(SIZES.get(method, ""), next(iter(sizes)))]
        rates = sorted(curves)
        place = float(np.interp(math.log(float(values[RATE] or 0)), np.log(rates), np.arange(len(rates))))
        left = min(int(place), len(rates) - 2)
        share = place - left
        return (1 - share) * curves[rates[left]] + share * curves[rates[left + 1]]


def _ends(domains: Mapping[str, Domain]) -> tuple[float, float]:
    rate = domains[RATE]
    assert isinstance(rate, Real)
    return rate.low, rate.high
