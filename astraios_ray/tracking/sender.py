"""Sends a spool to a tracking server in a separate thread, so that no caller waits for the server."""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from astraios_ray.secret_masks import mask_secrets
from astraios_ray.tracking.acknowledged import Acknowledged
from astraios_ray.tracking.events import SEARCH, Event
from astraios_ray.tracking.spool import Spool
from astraios_ray.tracking.translation import update_of
from astraios_ray.tracking.updates import Update, merge

log = logging.getLogger(__name__)

BATCH = 500  # events read and sent between two acknowledgements
LONGEST_PAUSE = 30.0  # seconds between two attempts at a server that does not answer
LAST_ATTEMPTS = 2  # failures after which a sender that was asked to finish gives up


class Refused(Exception):
    """The server will never accept this update. After any other error the sender tries again."""


class Destination(Protocol):
    """A tracking server as the sender uses it. It may receive everything twice."""

    def knows(self, runs: dict[str, str]) -> bool:
        """Whether the server still has the runs that it acknowledged in earlier sessions."""

    def send(self, trial: str, update: Update, runs: dict[str, str]) -> None:
        """Update one run. Adds a new run to ``runs``. Raises Refused."""

    def tidy(self, runs: dict[str, str]) -> None:
        """Remove duplicate runs, which exist when the answer to a creation was lost."""


@dataclass(frozen=True)
class Backlog:
    """The events that the server does not have."""

    events: int  # not sent; a later session sends them
    refused: tuple[str, ...]  # will never be sent, each with the reason
    trouble: str  # the last error, or empty


class Sender:
    """Sends events in order; a reader of the server sees each exactly once.

    It records an acknowledgement after receiving it, so after a crash it sends events again and leaves no
    gap. A repeated event has the same values, which the server stores once.
    """

    def __init__(self, spool: Spool, path: Path, destination: Destination, linger: float = 0.5) -> None:
        self._spool = spool
        self._path = path
        self._destination = destination
        self._linger = linger  # seconds that events wait to be sent together
        self._state = Acknowledged.load(path)
        if self._state.offset > spool.size:
            log.warning(
                "%s is shorter than what the server has of it; it is sent from its beginning", spool.path
            )
            self._state.offset = 0
        self._server_checked = False
        self._trouble = ""
        self._news = threading.Condition()
        self._thread: threading.Thread | None = None
        self._deadline: float | None = None  # monotonic seconds; set by ``drain``
        self._attempts = LAST_ATTEMPTS

    def wake(self) -> None:
        """Tell the sender that the spool has grown. Returns at once."""
        with self._news:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="tracking-sender", daemon=True)
                self._thread.start()
            self._news.notify()

    def drain(self, timeout: float) -> Backlog:
        """Send the remaining events for at most ``timeout`` seconds, then return those that are unsent."""
        self._deadline = time.monotonic() + timeout
        if self._pending():
            self.wake()
        if self._thread is not None:
            with self._news:
                self._news.notify()
            self._thread.join(timeout)
        unsent = len(self._spool.read(self._state.offset, limit=2**62)[0])
        return Backlog(unsent, tuple(self._state.refused), self._trouble)

    def _run(self) -> None:
        failures = 0
        while self._work_to_do(failures):
            try:
                self._send_batch()
                failures, self._trouble = 0, ""
            except Exception as error:  # of any kind, from MLflow, its database or the network: events wait
                failures += 1
                self._failed(error, failures)

    def _work_to_do(self, failures: int) -> bool:
        pause = min(0.5 * 2**failures, LONGEST_PAUSE) if failures else self._linger
        with self._news:
            self._news.wait_for(lambda: self._pending() or self._finishing())
            self._news.wait_for(self._finishing, timeout=pause)
            if self._deadline is None:
                return True
            return self._pending() and self._attempts > 0 and time.monotonic() < self._deadline

    def _pending(self) -> bool:
        return self._spool.size > self._state.offset

    def _finishing(self) -> bool:
        return self._deadline is not None

    def _failed(self, error: Exception, failures: int) -> None:
        root = _root(error)
        self._trouble = mask_secrets(f"{type(root).__name__}: {root}")[:300]
        self._attempts -= self._finishing()
        if failures == 1:
            log.info("tracking waits, the study does not: %s", self._trouble)

    def _send_batch(self) -> None:
        if not self._server_checked and self._state.runs and not self._destination.knows(self._state.runs):
            log.warning("the tracking server has lost this study; it is sent again from the beginning")
            self._state = Acknowledged()
        self._server_checked = True
        events, end = self._spool.read(self._state.offset, BATCH)
        for trial, trial_events in _by_trial(events).items():
            self._deliver(trial, trial_events)
        if any(event.kind == "study_ended" for _, event in events):
            self._destination.tidy(self._state.runs)
        self._state.offset = end
        self._state.save(self._path)

    def _deliver(self, trial: str, events: Sequence[tuple[int, Event]]) -> None:
        try:
            self._send(trial, [event for _, event in events])
        except Refused:
            for offset, event in events:  # find those that are refused
                try:
                    self._send(trial, [event])
                except Refused as error:
                    where = f"{self._spool.path}, byte {offset}: {event.kind} {trial}"
                    self._state.refused.append(f"{where}: {error}")

    def _send(self, trial: str, events: Sequence[Event]) -> None:
        try:
            update = merge(update_of(event) for event in events)
        except (KeyError, ValueError) as error:  # written by another version of this package
            raise Refused(f"not understood: {error!r}") from error
        self._destination.send(trial, update, self._state.runs)


def _root(error: BaseException) -> BaseException:
    """The OSError that caused ``error``, such as ``connection refused``, else ``error``."""
    cause = error
    while cause.__cause__ or cause.__context__:
        cause = cause.__cause__ or cause.__context__ or cause
    return cause if isinstance(cause, OSError) else error


def _by_trial(events: Sequence[tuple[int, Event]]) -> dict[str, list[tuple[int, Event]]]:
    """The events by trial, in order; those of the search first, since its run is the parent of the others."""
    groups: dict[str, list[tuple[int, Event]]] = {SEARCH: []}
    for offset, event in events:
        groups.setdefault(event.trial, []).append((offset, event))
    return {trial: group for trial, group in groups.items() if group}
