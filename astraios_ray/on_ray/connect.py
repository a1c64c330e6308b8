"""From a study to a running backend: start or join Ray, see what it has, plan the lanes."""

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
    """A backend on the cluster at ``address``, or on one started here with all of this machine.

    On a cluster the sandbox is checked where programs will be judged; here its caller has done so.
    """
    cores = len(os.sched_getaffinity(0))
    if address is None:
        plan = plan_lanes(study.lanes, cpus=cores, gpus=torch.cuda.device_count())
        info = cluster.start(None, cpus=cores, sandboxes=cores)
    else:
        info = cluster.start(address, cpus=cores, sandboxes=cores)
        there = ray.cluster_resources()
        spare = there.get("CPU", 0.0) - cluster.SPARE_CPUS
        plan = plan_lanes(study.lanes, cpus=spare, gpus=there.get("GPU", 0.0), grows=True)
    dashboard = info.get("webui_url")
    links = {"Ray dashboard (while the search runs)": f"http://{dashboard}"} if dashboard else {}
    judges = Judges(sandbox, everywhere=address is None) if sandbox else None
    return RayBackend(plan, folder=folder.absolute(), links=links, judges=judges)
