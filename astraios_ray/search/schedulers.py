"""The schedulers by the names that ``early_stop.rule`` gives them."""

from astraios_ray.config.study import EarlyStopConfig, TrainingConfig
from astraios_ray.registry import Registry
from astraios_ray.search.asynchronous import Asha, MedianStop, NoStop
from astraios_ray.search.grace import numbered
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
    config: EarlyStopConfig, *, training: TrainingConfig, seed: int, within_methods: bool
) -> Scheduler:
    """A new scheduler of the kind that ``config`` names; ``within_methods``: it compares trials in these."""
    steps = training.max_steps, training.validate_every
    return RULES[config.rule](numbered(config, training), *steps, seed, within_methods)
