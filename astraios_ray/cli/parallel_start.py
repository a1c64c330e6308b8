"""Ray starts while this process imports torch: either takes seconds, and Ray's are mostly those of others."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module

from astraios_ray.importing import swift_imports


@contextmanager
def ray_started() -> Iterator[None]:
    """A local Ray inside, ended afterwards whatever happened, and ``studies.search`` imported meanwhile.

    The thread imports what knows nothing of Ray, this one what knows nothing of torch, so that neither meets
    a module that the other has half imported. Ray starts in the main thread, since its processes end with
    the thread that started them.
    """
    from astraios_ray.on_ray import cluster

    cores = len(os.sched_getaffinity(0))
    try:
        with swift_imports(), ThreadPoolExecutor(1) as beside:
            beside.submit(import_module, "astraios_ray.studies.search")  # an error comes to who imports it
            cluster.start(None, cpus=cores, sandboxes=cores)
            for light in ("trainable", "lane_trainer"):
                import_module(f"astraios_ray.on_ray.{light}")
        yield
    finally:
        cluster.stop()
