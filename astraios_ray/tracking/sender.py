"""Sends a spool to a tracking server from a thread of its own, so that nobody waits for it."""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

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
    """The server has understood, and will never take this. Any other error means: try again later."""


class Destination(Protocol):
    """A tracking server, as the sender sees it. Everything it is sent, it may be sent twice."""

    def knows(self, runs: dict[str, str]) -> bool:
        """Whether the server still has what it acknowledged in earlier sessions."""

    def send(self, trial: str, update: Update, runs: dict[str, str]) -> None:
        """Bring one run up to date. A run that begins is added to ``runs``. Raises Refused."""

    def tidy(self, runs: dict[str, str]) -> None:
        """Remove runs that exist twice because an answer to a creation was lost."""


@dataclass(frozen=True)
class Backlog:
    """What the server does not have."""

    events: int  # not sent; a later session sends them
    refused: tuple[str, ...]  # never to be sent, and why
    trouble: str  # what went wrong last, empty when nothing did


class Sender:
    """Sends events in order, each exactly once as far as a reader of the server can tell.

    It writes down what was acknowledged after it was, so a crash leads to sending again and never to a
    gap; the same event makes the same values, which the server keeps once.
    """

    def __init__(self, spool: Spool, path: Path, destination: Destination, linger: float = 0.5) -> None:
        self._spool = spool
        self._path = path
        self._destination = destination
        self._linger = linger  # seconds that events wait for company
        self._state = Acknowledged.load(path)
        self._known = False
        self._trouble = ""
        self._news = threading.Condition()
        self._thread: threading.Thread | None = None
        self._deadline: float | None = None  # monotonic seconds; set when it shall finish
        self._attempts = LAST_ATTEMPTS

    def wake(self) -> None:
        """Say that the spool has grown. Returns at once."""
        with self._news:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="tracking-sender", daemon=True)
                self._thread.start()
            self._news.notify()

    def drain(self, timeout: float) -> Backlog:
        """Finish: send what is left for at most ``timeout`` seconds, and say what could not be sent."""
        self._deadline = time.monotonic() + timeout
        if self._pending():
            self.wake()
        if self._thread is not None:
            with self._news:
                self._news.notify()
            self._thread.join(timeout)
        left = len(self._spool.read(self._state.offset, limit=2**62)[0])
        return Backlog(left, tuple(self._state.refused), self._trouble)

    def _run(self) -> None:
        failures = 0
        while self._work_to_do(failures):
            try:
                self._send_batch()
                failures, self._trouble = 0, ""
            except Exception as error:  # whatever MLflow, its database or the network raise: events wait
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
        self._trouble = f"{type(root).__name__}: {root}"[:300]
        self._attempts -= self._finishing()
        if failures == 1:
            log.info("tracking waits, the study does not: %s", self._trouble)

    def _send_batch(self) -> None:
        if not self._known and self._state.runs and not self._destination.knows(self._state.runs):
            log.warning("the tracking server has lost this study; it is sent again from the beginning")
            self._state = Acknowledged()
        self._known = True
        events, end = self._spool.read(self._state.offset, BATCH)
        for trial, own in _by_trial(events).items():
            self._deliver(trial, own)
        if any(event.kind == "study_ended" for _, event in events):
            self._destination.tidy(self._state.runs)
        self._state.offset = end
        self._state.save(self._path)

    def _deliver(self, trial: str, events: Sequence[tuple[int, Event]]) -> None:
        try:
            self._send(trial, [event for _, event in events])
        except Refused:
            for offset, event in events:  # which of them is it?
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
    """The system's own words, ``connection refused``, when they are at the bottom of it; else the error."""
    below = error
    while below.__cause__ or below.__context__:
        below = below.__cause__ or below.__context__ or below
    return below if isinstance(below, OSError) else error


def _by_trial(events: Sequence[tuple[int, Event]]) -> dict[str, list[tuple[int, Event]]]:
    """Events of one trial together, in order; the search itself first, since others belong to it."""
    groups: dict[str, list[tuple[int, Event]]] = {SEARCH: []}
    for offset, event in events:
        groups.setdefault(event.trial, []).append((offset, event))
    return {trial: own for trial, own in groups.items() if own}
