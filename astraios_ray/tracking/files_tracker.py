"""A tracker that writes events to files, for use without MLflow and as the base of the MLflow tracker."""

import logging
import time
from collections.abc import Callable
from pathlib import Path

from astraios_ray.errors import TornFile
from astraios_ray.tracking.events import Event
from astraios_ray.tracking.recorder import Recorder
from astraios_ray.tracking.spool import Spool

log = logging.getLogger(__name__)

ALL = 2**62  # events


class FilesTracker(Recorder):
    """Keeps the events of a study in ``folder/spool/``, over all its sessions.

    A file of events that cannot be read is renamed. The search repeats what its journal has of them.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        super().__init__(clock)
        self._spool = Spool(folder / "spool")
        for event in self._earlier_events():
            self._novelty.notice(event)

    def _earlier_events(self) -> list[Event]:
        try:
            return [event for _, event in self._spool.read(0, ALL)[0]]
        except TornFile as error:
            log.warning(
                "%s. The file is now %s, and a new one is made.", error, self._spool.begin_anew().name
            )
            return []

    def keep(self, event: Event, durable: bool) -> None:
        """Append the event to the spool."""
        self._spool.append(event, durable)

    def close(self) -> None:
        """Wait until all events are on the disk."""
        self._spool.close()
