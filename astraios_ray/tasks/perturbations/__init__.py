"""Transformations of a programming problem that keep its meaning."""

from astraios_ray.tasks.perturbations import (  # each registers its transformations
    dead_code,
    docstring,
    layout,
    loops,
    naming,
    operands,
    variables,
)
from astraios_ray.tasks.perturbations.transformation import CATEGORIES, TRANSFORMATIONS, Transformation

__all__ = [
    "CATEGORIES",
    "TRANSFORMATIONS",
    "Transformation",
    "dead_code",
    "docstring",
    "layout",
    "loops",
    "naming",
    "operands",
    "variables",
]
