"""Make the record that decides a trial from the values that the searcher drew."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from astraios_ray.config.study import StudyConfig
from astraios_ray.records import MethodTraits, ModelRef, TrialSpec, Value
from astraios_ray.space.fitting import RECIPE

TraitsOf = Callable[[str, Mapping[str, Value]], MethodTraits]


def make_spec(
    study: StudyConfig,
    number: int,
    method: str,
    values: Mapping[str, Value],
    seed: int,
    traits_of: TraitsOf,
) -> TrialSpec:
    """The trial ``number``: ``values`` split into the method's hyperparameters and the recipe's fields.

    ``traits_of`` gives what a method with these hyperparameters says of itself.
    """
    recipe = {name: value for name, value in values.items() if name in RECIPE}
    hyperparameters = {name: value for name, value in values.items() if name not in RECIPE}
    traits = traits_of(method, hyperparameters)
    return TrialSpec(
        study=study.name,
        number=number,
        method=method,
        hyperparameters=hyperparameters,
        recipe=replace(study.training.recipe(), **recipe),  # type: ignore[arg-type]  # the space has checked each value
        model=model_of(study, traits),
        data=study.data_ref(),
        seed=seed,
        traits=traits,
    )


def model_of(study: StudyConfig, traits: MethodTraits) -> ModelRef:
    """The base model of a method with these traits: never quantised for one that trains its weights."""
    model = study.model.ref()
    return replace(model, quantization="none") if traits.trains_whole_model else model
