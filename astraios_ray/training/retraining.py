"""Compares steps that are trained again, since a checkpoint is damaged or missing, with what is recorded."""

from astraios_ray.errors import TornFile
from astraios_ray.records import TrainTask, ValidationPoint
from astraios_ray.records.loss_tolerance import loss_difference, loss_tolerance

WAY_ON = (
    "Restore the folder from a copy, go on with the packages and on the kind of machine of before, or start "
    "anew with `fresh`, which keeps the old folder aside."
)


def refuse_other_loss(train_task: TrainTask, point: ValidationPoint) -> None:
    """Raise TornFile where ``point`` is of a recorded step and its loss differs by more than rounding."""
    recorded = next((other.loss for other in train_task.points if other.step == point.step), point.loss)
    if loss_difference(recorded, point.loss) > loss_tolerance(train_task.spec.model):
        outcome = f"gives loss {point.loss:.6g} at step {point.step}, recorded is {recorded:.6g}"
        raise _refusal(train_task, outcome)


def refuse_other_end(train_task: TrainTask, step: int, reason: str) -> None:
    """Raise TornFile where training broke at a ``step`` that it had passed before."""
    if train_task.checkpoint and step <= train_task.checkpoint.step:
        raise broke_again(train_task, step, reason)


def broke_again(train_task: TrainTask, step: int, reason: str) -> TornFile:
    """The error of a trial that broke at a ``step`` that it had passed before."""
    return _refusal(train_task, f"broke at step {step}: {reason.rstrip('.')}")


def _refusal(train_task: TrainTask, outcome: str) -> TornFile:
    folder = train_task.checkpoint.folder if train_task.checkpoint else "A checkpoint"
    return TornFile(
        f"{folder} is damaged or missing, and training {train_task.spec.id} again {outcome}. {WAY_ON}",
        arguments=["fresh"],
    )
