"""What travels between rooms and machines: frozen dataclasses of plain values, and their JSON form."""

from astraios_ray.records.plain import decode, encode
from astraios_ray.records.scores import ONE_PROCESS, Completion, EvalTask, Outcome, Sampling, Score, Verdict
from astraios_ray.records.specs import (
    SIZES,
    TARGET_FIELDS,
    DataRef,
    Mask,
    MethodTraits,
    ModelRef,
    Recipe,
    SourceRef,
    TargetModules,
    TrialSpec,
    Value,
)
from astraios_ray.records.study_record import Provenance, StudyRecord, TrialResult
from astraios_ray.records.training import (
    Checkpoint,
    Cost,
    TrainingSetup,
    TrainReport,
    TrainTask,
    TrialState,
    ValidationPoint,
)

__all__ = [
    "ONE_PROCESS",
    "SIZES",
    "TARGET_FIELDS",
    "Checkpoint",
    "Completion",
    "Cost",
    "DataRef",
    "EvalTask",
    "Mask",
    "MethodTraits",
    "ModelRef",
    "Outcome",
    "Provenance",
    "Recipe",
    "Sampling",
    "Score",
    "SourceRef",
    "StudyRecord",
    "TargetModules",
    "TrainReport",
    "TrainTask",
    "TrainingSetup",
    "TrialResult",
    "TrialSpec",
    "TrialState",
    "ValidationPoint",
    "Value",
    "Verdict",
    "decode",
    "encode",
]
