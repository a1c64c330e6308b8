"""A tracker that keeps everything in a list, for tests and dry runs."""

import time
from collections.abc import Callable

from astraios_ray.tracking.events import Event
from astraios_ray.tracking.recorder import Recorder


class MemoryTracker(Recorder):
    """Keeps the events of one process, in the order in which they came."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        super().__init__(clock)
        self.events: list[Event] = []
        self.closed = False

    def keep(self, event: Event, durable: bool) -> None:
        """Append the event to the list."""
        self.events.append(event)

    def close(self) -> None:
        """Remember that the tracker was closed."""
        self.closed = True
