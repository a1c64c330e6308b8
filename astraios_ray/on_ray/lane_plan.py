"""How many lanes a machine or cluster carries, and what each takes."""

from astraios_ray.config.study import LanesConfig
from astraios_ray.errors import ConfigError
from astraios_ray.on_ray.lanes import LanePlan

SLOTS = 1  # taking turns beside one base gains nothing; the dispatcher's queue keeps a lane busy
GROW = (
    "Machines that the cluster has yet to start are not counted: say both numbers, such as "
    "--set lanes.count=4 --set lanes.gpus=1, and it starts what they need."
)


def plan_lanes(asked: LanesConfig, *, cpus: float, gpus: float, grows: bool = False) -> LanePlan:
    """The lanes that ``cpus`` logical CPUs and ``gpus`` GPUs carry; ``auto`` takes all there is.

    With GPUs a worker has one of them, unless ``lanes.gpus`` says otherwise. Raises ConfigError when they
    do not fit, naming what is missing: a lane that never starts would wait for ever. A cluster that
    ``grows`` may start machines for lanes whose number and GPUs are both said; only ``auto`` needs them now.
    """
    per_worker = (1.0 if gpus else 0.0) if asked.gpus == "auto" else float(asked.gpus)
    fits = _times(cpus, asked.cpus * asked.workers)
    if per_worker:
        fits = min(fits, _times(gpus, per_worker * asked.workers))
    count = fits if asked.count == "auto" else asked.count
    said = asked.count != "auto" and asked.gpus != "auto"
    if fits < max(1, count) and not (grows and said):
        raise ConfigError(
            f"lanes: {count or 1} do not fit: one takes {asked.workers} x {asked.cpus:g} CPUs and "
            f"{per_worker:g} GPUs, there are {cpus:g} CPUs and {gpus:g} GPUs. "
            f"{GROW if grows else 'Lower lanes.count, lanes.workers, lanes.cpus or lanes.gpus.'}"
        )
    slots = SLOTS if asked.slots == "auto" else int(asked.slots)
    tokens = None if asked.pack_tokens == "auto" else int(asked.pack_tokens)
    return LanePlan(count, slots, asked.workers, float(asked.cpus), per_worker, tokens)


def _times(whole: float, part: float) -> int:
    """How often ``part`` goes into ``whole``; 0.1 goes ten times into 1, whatever floats say."""
    return int(whole / part + 1e-9)
