"""The step of the first comparison, where a study leaves it to us."""

import math

from astraios_ray.config.study import EarlyStopConfig, StudyConfig, TrainingConfig

WARMUPS = 1.5  # before the first comparison: until then losses tell how fast learning rates have risen
SHARE = 9  # the first comparison is after a ninth of training at least
UNCOMPARED = 20  # of rule none: after so many steps trials may pause


def with_grace(study: StudyConfig) -> StudyConfig:
    """``study`` with the step of its first comparison in place of ``auto``."""
    return study.model_copy(update={"early_stop": numbered(study.early_stop, study.training)})


def numbered(early_stop: EarlyStopConfig, training: TrainingConfig) -> EarlyStopConfig:
    """``early_stop`` with a number in place of ``auto``: a validation behind the warm-up."""
    if early_stop.grace != "auto":
        return early_stop
    every = training.validate_every
    least = max(WARMUPS * training.warmup_steps, training.max_steps / SHARE)
    steps = min(math.ceil(least / every) * every, max(every, training.max_steps - every))
    return early_stop.model_copy(update={"grace": UNCOMPARED if early_stop.rule == "none" else steps})


def early_comparison(study: StudyConfig) -> str:
    """A warning where trials are compared inside the warm-up or right behind it; else empty."""
    stop, training = study.early_stop, study.training
    if stop.rule == "none" or stop.grace == "auto" or stop.grace >= WARMUPS * training.warmup_steps:
        return ""
    where = "inside" if stop.grace <= training.warmup_steps else "right behind"
    right = numbered(stop.model_copy(update={"grace": "auto"}), training).grace
    return (
        f"early_stop.grace {stop.grace} is {where} the warm-up of {training.warmup_steps} steps: ranks tell "
        f"less of the end there. Write auto, which is {right} here, or a larger number."
    )
