"""A tracker that writes events to files, for use without MLflow and as the base of the MLflow tracker."""

import time
from collections.abc import Callable
from pathlib import Path

from astraios_ray.tracking.events import Event
from astraios_ray.tracking.recorder import Recorder
from astraios_ray.tracking.spool import Spool

ALL = 2**62  # events


class FilesTracker(Recorder):
    """Keeps the events of a study in ``folder/spool/``, over all its sessions.

    Raises TornFile when an earlier session's events cannot be read.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        super().__init__(clock)
        self._spool = Spool(folder / "spool")
        for _, event in self._spool.read(0, ALL)[0]:
            self._novelty.notice(event)

    def keep(self, event: Event, durable: bool) -> None:
        """Append the event to the spool."""
        self._spool.append(event, durable)

    def close(self) -> None:
        """Wait until all events are on the disk."""
        self._spool.close()
