"""Tells the dispatcher as soon as Ray Train sees that a lane lost its workers; new ones may start late."""

from collections.abc import Mapping
from typing import Any

from ray.train import UserCallback


class LaneWatch(UserCallback):
    """A callback in the controller of a lane, which runs on the machine of the search."""

    def __init__(self, dispatcher: Any, lane: str) -> None:
        self._dispatcher, self._lane = dispatcher, lane

    def after_exception(self, run_context: Any, worker_exceptions: Mapping[int, Exception]) -> None:
        """Hand the lane's work to other lanes now: without its machine it may start again much later."""
        self._dispatcher.lane_lost.remote(self._lane)
