"""How far two runs of one trial may differ: rounding, grown over the steps."""

from math import isfinite

from astraios_ray.records.specs import ModelRef

TOLERANCE = {"fp32": 1e-3, "bf16": 1e-2}
"""Largest difference of two losses as a share of the recorded one.

Trials that share a lane's forward passes add the same numbers in another order: 1e-6 (fp32) or 1e-3 (bf16)
at first. A rounded base (int8, nf4) counts as bf16.
"""


def loss_tolerance(model: ModelRef) -> float:
    """The largest difference of two losses on ``model``, as a share of the recorded one."""
    return TOLERANCE["bf16" if model.quantization != "none" else model.dtype]


def loss_difference(recorded: float, again: float | None) -> float:
    """The difference as a share of the recorded loss. Two losses that are not finite are equal."""
    if again is None or isfinite(recorded) != isfinite(again):
        return float("inf")
    if not isfinite(recorded) or again == recorded:
        return 0.0
    return abs(again - recorded) / abs(recorded) if recorded else float("inf")
