"""Says that a lane's workers are gone as soon as Ray Train sees it. A new one may be long in coming."""

from collections.abc import Mapping
from typing import Any

from ray.train import UserCallback


class LaneWatch(UserCallback):
    """Lives in the lane's controller, which runs where the search does."""

    def __init__(self, dispatcher: Any, lane: str) -> None:
        self._dispatcher, self._lane = dispatcher, lane

    def after_exception(self, run_context: Any, worker_exceptions: Mapping[int, Exception]) -> None:
        """What the lane held goes to others now: without its machine it may not start again for long."""
        self._dispatcher.lane_lost.remote(self._lane)
