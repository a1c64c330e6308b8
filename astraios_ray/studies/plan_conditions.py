"""Under which conditions each method would compete, before anything has run."""

from collections.abc import Mapping
from typing import Any

from astraios_ray.config.study import StudyConfig
from astraios_ray.data.templates import front_in
from astraios_ray.errors import ConfigError
from astraios_ray.methods.method import hyperparameters_of, traits_of
from astraios_ray.report.analysis.conditions import (
    RECIPE,
    MethodConditions,
    base_words,
    enqueued_points,
    rates_of,
    recipe_words,
    size_values,
)
from astraios_ray.report.analysis.leaderboard import is_size
from astraios_ray.report.analysis.settings import RATE
from astraios_ray.space.domains import Constant, Domain
from astraios_ray.space.make_specs import model_of
from astraios_ray.space.space import Space
from astraios_ray.studies.forecast import Forecast
from astraios_ray.studies.memory_estimate import BaseFootprint, MethodFootprint, ordinary
from astraios_ray.studies.study_template import template_of, tokenizer_of


def plan_conditions(
    study: StudyConfig,
    space: Space,
    search: Forecast,
    footprints: Mapping[str, MethodFootprint],
    base: BaseFootprint | None,
) -> tuple[MethodConditions, ...]:
    """The conditions of every method of a study, from its values."""
    front = _front(study)
    return tuple(
        MethodConditions(
            method=name,
            **_of_space(study, name, domains),
            **_of_footprint(footprints.get(name)),
            base_parameters=base.parameters if base else None,
            template=study.data.template,
            text_front=front,
            prompt_front=front,
            trials=_trials(study, search, name),
            enqueued=enqueued_points(study.enqueue, name),
        )
        for name, domains in space.items()
    )


def _trials(study: StudyConfig, search: Forecast, method: str) -> int:
    """Of each method at least, or of the first bracket where later ones depend on what is learnt."""
    if study.search.within_methods:
        return search.trials // len(study.methods)
    return search.first_bracket.get(method, 0)


def _of_space(study: StudyConfig, method: str, domains: Mapping[str, Domain]) -> dict[str, Any]:
    recipe = study.training.recipe()
    model = model_of(study, traits_of(method, ordinary(domains)))
    sizes = [name for name in hyperparameters_of(method) if is_size(name)]
    return {
        "base": base_words(model.dtype, model.quantization),
        "learning_rates": rates_of(domains.get(RATE, Constant(recipe.learning_rate))),
        "size_values": size_values(domains.get(name) for name in sizes),
        "recipe": recipe_words(domains, {name: [getattr(recipe, name)] for name in RECIPE}),
    }


def _of_footprint(footprint: MethodFootprint | None) -> dict[str, Any]:
    if footprint is None or footprint.setup is None:
        return {}
    setup = footprint.setup
    return {
        "weights": setup.weights,
        "moments": setup.moments,
        "parameters": (footprint.least, footprint.most),
        "targets": setup.targets,
        "out_of_reach": setup.out_of_reach,
    }


def _front(study: StudyConfig) -> tuple[str, ...] | None:
    """The special tokens in front of a text; None where the tokenizer cannot be read here."""
    try:
        tokenizer = tokenizer_of(study)
        return tuple(front_in(template_of(study, tokenizer), tokenizer)) if tokenizer is not None else ()
    except ConfigError:
        return None
