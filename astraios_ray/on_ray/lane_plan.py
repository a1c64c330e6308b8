"""Plans how many lanes a machine or cluster carries, and what each of them gets."""

from dataclasses import dataclass

from astraios_ray.config.study import LanesConfig
from astraios_ray.errors import ConfigError

SLOTS = 1  # several trials taking turns are not faster; the dispatcher's queue keeps a lane busy
GROW = (
    "Machines that the cluster has yet to start are not counted: say both numbers, such as "
    "lanes.count=4 and lanes.gpus=1, and it starts what they need."
)


@dataclass(frozen=True)
class LanePlan:
    """The number of lanes and the resources of each."""

    count: int
    slots: int  # trials that share a lane's base
    workers: int  # processes per lane
    cpus: float  # per worker
    gpus: float  # per worker
    pack_tokens: int | None = None  # of a forward pass that trials share; None: by the device

    @property
    def shares_base(self) -> bool:
        """Whether the processes share the memory of their base: several processes on CPUs do."""
        return self.count * self.workers > 1 and not self.gpus


@dataclass(frozen=True)
class LaneSettings:
    """What the workers of one lane are given."""

    dispatcher: str  # the name of its actor, in ``namespace``
    namespace: str
    lane: str
    slots: int
    pack_tokens: int | None
    trials: str  # the folder of their checkpoints
    threads: int
    shares_base: bool


def plan_lanes(config: LanesConfig, *, cpus: float, gpus: float, grows: bool = False) -> LanePlan:
    """The lanes that ``cpus`` logical CPUs and ``gpus`` GPUs carry; ``auto`` takes them all.

    With GPUs a worker has one of them, unless ``lanes.gpus`` sets another number. Raises ConfigError, naming
    what is missing, when the lanes do not fit: a lane that never starts would wait for ever. A cluster that
    ``grows`` may start machines later for lanes whose number and GPUs are both set.
    """
    per_worker = (1.0 if gpus else 0.0) if config.gpus == "auto" else float(config.gpus)
    fits = _times(cpus, config.cpus * config.workers)
    if per_worker:
        fits = min(fits, _times(gpus, per_worker * config.workers))
    count = fits if config.count == "auto" else config.count
    explicit = config.count != "auto" and config.gpus != "auto"
    if fits < max(1, count) and not (grows and explicit):
        raise ConfigError(
            f"lanes: {count or 1} do not fit: one takes {config.workers} x {config.cpus:g} CPUs and "
            f"{per_worker:g} GPUs, there are {cpus:g} CPUs and {gpus:g} GPUs. "
            f"{GROW if grows else 'Lower lanes.count, lanes.workers, lanes.cpus or lanes.gpus.'}"
        )
    slots = SLOTS if config.slots == "auto" else int(config.slots)
    tokens = None if config.pack_tokens == "auto" else int(config.pack_tokens)
    return LanePlan(count, slots, config.workers, float(config.cpus), per_worker, tokens)


def _times(total: float, part: float) -> int:
    """How often ``part`` goes into ``total``, without rounding errors: 0.1 goes ten times into 1."""
    return int(total / part + 1e-9)
