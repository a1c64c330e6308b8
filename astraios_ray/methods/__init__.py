"""The fine-tuning methods, one file each. Importing this package registers the methods imported below."""

from astraios_ray.methods import adapter_h, adapter_p, full, ia3, lora, p_tuning, parallel, peft_type
from astraios_ray.methods.method import (
    METHODS,
    Field,
    Method,
    TunedModel,
    build,
    count_parameters,
    hyperparameters_of,
    load_tuned,
)

__all__ = [
    "METHODS",
    "Field",
    "Method",
    "TunedModel",
    "adapter_h",
    "adapter_p",
    "build",
    "count_parameters",
    "full",
    "hyperparameters_of",
    "ia3",
    "load_tuned",
    "lora",
    "p_tuning",
    "parallel",
    "peft_type",
]
