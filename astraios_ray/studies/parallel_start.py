"""Start Ray while this process imports torch: both take seconds, Ray mostly in other processes."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from threading import Thread
from time import sleep

from astraios_ray.importing import swift_imports
from astraios_ray.studies.parent_pipe import PARENT

WATCH_SECONDS = 0.5


@contextmanager
def ray_started() -> Iterator[None]:
    """Run a local Ray inside, import ``studies.session`` meanwhile, and stop Ray afterwards in any case.

    A second thread imports modules that do not use Ray, this thread modules that do not use torch, so that
    neither meets a module that the other has imported by half. Ray starts in the main thread, since its
    processes end with the thread that started them.
    """
    from astraios_ray.on_ray import cluster

    cores = len(os.sched_getaffinity(0))
    try:
        with swift_imports(), ThreadPoolExecutor(1) as executor:
            executor.submit(
                import_module, "astraios_ray.studies.session"
            )  # whoever imports it next gets its error
            info = cluster.start(None, cpus=cores, sandboxes=cores)
            if PARENT.tell(logs=f"{info['session_dir']}/logs"):
                Thread(target=_end_with, args=[cluster.ended], daemon=True).start()
            for module in ("trainable", "lane_trainer"):
                import_module(f"astraios_ray.on_ray.{module}")
        yield
    finally:
        cluster.stop()


def _end_with(ended: Callable[[], str]) -> None:
    """End this process once Ray has ``ended``, whose C++ would end it after 15 to 60 seconds of waiting."""
    while not (words := ended()):
        sleep(WATCH_SECONDS)
    PARENT.tell(lost=words)
    os._exit(1)
