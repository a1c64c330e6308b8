"""What Ray Train calls in a lane's workers. Light: whatever unpickles it beside them imports no torch."""

from collections.abc import Mapping
from typing import Any

from astraios_ray.importing import swift_imports


def serve(config: Mapping[str, Any]) -> None:
    """``run_lane_worker`` of ``config``."""
    with swift_imports():  # torch, transformers and peft
        from astraios_ray.on_ray.lane_worker import run_lane_worker
    run_lane_worker(config)
