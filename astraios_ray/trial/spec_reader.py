"""Reads the spec of a trial from a record. One without traits gets those that its method has now."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from astraios_ray.errors import ConfigError
from astraios_ray.records import TrialSpec, decode

LOG = logging.getLogger(__name__)


def spec_of(raw: Mapping[str, Any]) -> TrialSpec:
    """The spec that ``encode`` wrote, now or before specs had traits. Raises pydantic.ValidationError."""
    spec = decode(TrialSpec, raw)
    return spec if "traits" in raw else _with_traits(spec)


def _with_traits(spec: TrialSpec) -> TrialSpec:
    from astraios_ray.methods.method import traits_of  # imports torch, for old records alone

    try:
        return replace(spec, traits=traits_of(spec.method, spec.hyperparameters))
    except ConfigError as error:
        LOG.warning("%s has no traits of its method, and is read as an adapter: %s", spec.id, error)
        return spec
