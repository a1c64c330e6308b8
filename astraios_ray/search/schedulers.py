"""The schedulers by the names that ``early_stop.rule`` gives them."""

from astraios_ray.config.study import EarlyStopConfig
from astraios_ray.registry import Registry
from astraios_ray.search.asynchronous import Asha, MedianStop, NoStop
from astraios_ray.search.halving import Halving
from astraios_ray.search.scheduler import Scheduler

RULES: Registry[type[Asha] | type[MedianStop] | type[NoStop] | type[Halving]] = Registry(
    "early-stopping rule"
)
RULES.add("halving")(Halving)
RULES.add("asha")(Asha)
RULES.add("median")(MedianStop)
RULES.add("none")(NoStop)


def make_scheduler(
    config: EarlyStopConfig, *, max_steps: int, validate_every: int, seed: int, within_methods: bool
) -> Scheduler:
    """A new scheduler of the kind that ``config`` names; ``within_methods``: it compares trials in these."""
    return RULES[config.rule](config, max_steps, validate_every, seed, within_methods)
