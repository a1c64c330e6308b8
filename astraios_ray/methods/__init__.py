"""The fine-tuning methods, one file each. Importing this package registers the methods imported below."""

from astraios_ray.methods import (  # noqa: F401 - importing a file registers its method
    adapter_h,
    adapter_p,
    full,
    ia3,
    lora,
    p_tuning,
    parallel,
    peft_type,
)
from astraios_ray.methods.method import (
    METHODS,
    PLUG_INS,
    Field,
    Method,
    TunedModel,
    build,
    builder_beside,
    count_parameters,
    hyperparameters_of,
    load_tuned,
    traits_of,
)

__all__ = [
    "METHODS",
    "PLUG_INS",
    "Field",
    "Method",
    "TunedModel",
    "build",
    "builder_beside",
    "count_parameters",
    "hyperparameters_of",
    "load_tuned",
    "traits_of",
]
