"""Make the record that decides a trial from the values that the searcher drew."""

from collections.abc import Mapping
from dataclasses import replace

from astraios_ray.config.study import StudyConfig
from astraios_ray.records import ModelRef, TrialSpec, Value
from astraios_ray.space.fitting import RECIPE

UNQUANTISED = ("full",)  # methods that train the base's own weights


def make_spec(
    study: StudyConfig, number: int, method: str, values: Mapping[str, Value], seed: int
) -> TrialSpec:
    """The trial ``number``: ``values`` split into the method's hyperparameters and the recipe's fields."""
    recipe = {name: value for name, value in values.items() if name in RECIPE}
    return TrialSpec(
        study=study.name,
        number=number,
        method=method,
        hyperparameters={name: value for name, value in values.items() if name not in RECIPE},
        recipe=replace(study.training.recipe(), **recipe),  # type: ignore[arg-type]  # the space has checked each value
        model=model_of(study, method),
        data=study.data_ref(),
        seed=seed,
    )


def model_of(study: StudyConfig, method: str) -> ModelRef:
    """The base model that ``method`` is put on: never quantised for a method that trains its weights."""
    model = study.model.ref()
    return replace(model, quantization="none") if method in UNQUANTISED else model
