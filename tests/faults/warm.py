"""Makes what every search here needs, once, before searches are forked from this process."""

from astraios_ray.evaluation.loading import load_problems
from astraios_ray.sandbox.choose import packages_here

load_problems("primer")
packages_here()
