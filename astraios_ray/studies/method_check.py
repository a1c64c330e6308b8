"""Refuses a search with a method that cannot be put on the model, before a lane loads weights."""

from copy import deepcopy

from torch import nn

from astraios_ray.config.study import StudyConfig
from astraios_ray.methods.method import build, outlined
from astraios_ray.models.target_modules import find_target_modules
from astraios_ray.records import TARGET_FIELDS
from astraios_ray.space.space import Space
from astraios_ray.studies.memory_estimate import ordinary


def check_methods(study: StudyConfig, space: Space, model: nn.Module) -> None:
    """Raise ConfigError for a method of ``space`` that misses layers in ``model``, on the meta device."""
    target_modules = find_target_modules(model, study.model.ref().target_modules)
    if all(getattr(target_modules, field) for field in TARGET_FIELDS):
        return  # then no method misses any
    for name, domains in space.items():
        values = ordinary(domains)
        base = model if build(name, values).traits.shares_base else deepcopy(model)
        outlined(name, values, base, target_modules)
