"""The function that Ray Train calls in the workers of a lane. Other processes unpickle it without torch."""

from collections.abc import Mapping
from typing import Any

from astraios_ray.importing import swift_imports


def serve(config: Mapping[str, Any]) -> None:
    """Import the lane worker and run it with ``config``."""
    with swift_imports():  # torch, transformers and peft
        from astraios_ray.on_ray.lane_worker import run_lane_worker
    run_lane_worker(config)
