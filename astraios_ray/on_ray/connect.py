"""Opens the Ray backend of a study: starts or joins Ray, reads its resources, plans the lanes."""

import os
from pathlib import Path

import ray
import torch

from astraios_ray.config.study import StudyConfig
from astraios_ray.on_ray import cluster
from astraios_ray.on_ray.judges import Judges
from astraios_ray.on_ray.lane_plan import plan_lanes
from astraios_ray.on_ray.ray_backend import RayBackend
from astraios_ray.sandbox.protocol import Sandbox


def open_ray(study: StudyConfig, folder: Path, *, address: str | None, sandbox: Sandbox | None) -> RayBackend:
    """A backend on the cluster at ``address``, or on a new one that uses all of this machine.

    On a cluster this checks the sandbox where programs will be judged; here the caller has checked it.
    """
    cores = len(os.sched_getaffinity(0))
    if address is None:
        plan = plan_lanes(study.lanes, cpus=cores, gpus=torch.cuda.device_count())
        info = cluster.start(None, cpus=cores, sandboxes=cores)
    else:
        info = cluster.start(address, cpus=cores, sandboxes=cores)
        resources = ray.cluster_resources()
        spare = resources.get("CPU", 0.0) - cluster.SPARE_CPUS
        plan = plan_lanes(study.lanes, cpus=spare, gpus=resources.get("GPU", 0.0), grows=True)
    dashboard = info.get("webui_url")
    links = {"Ray dashboard (while the search runs)": f"http://{dashboard}"} if dashboard else {}
    judges = Judges(sandbox, everywhere=address is None) if sandbox else None
    return RayBackend(plan, folder=folder.absolute(), links=links, judges=judges)
