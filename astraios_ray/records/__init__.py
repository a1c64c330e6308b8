"""What travels between rooms and machines: frozen dataclasses of plain values, and their JSON form."""

from astraios_ray.records.plain import decode, encode
from astraios_ray.records.scores import Completion, Exam, Outcome, Sampling, Score, Verdict
from astraios_ray.records.specs import (
    SIZES,
    DataRef,
    Mask,
    ModelRef,
    Places,
    Recipe,
    TrialSpec,
    Value,
    training_set,
)
from astraios_ray.records.study_record import Provenance, StudyRecord, TrialResult
from astraios_ray.records.training import Checkpoint, Cost, Lease, Point, Stretch, TrialState

__all__ = [
    "SIZES",
    "Checkpoint",
    "Completion",
    "Cost",
    "DataRef",
    "Exam",
    "Lease",
    "Mask",
    "ModelRef",
    "Outcome",
    "Places",
    "Point",
    "Provenance",
    "Recipe",
    "Sampling",
    "Score",
    "Stretch",
    "StudyRecord",
    "TrialResult",
    "TrialSpec",
    "TrialState",
    "Value",
    "Verdict",
    "decode",
    "encode",
    "training_set",
]
