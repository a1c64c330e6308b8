"""What a tracker was told, as values that can be written down."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from astraios_ray.records.old_names import with_new_names

SEARCH = ""  # the trial of events that are about the whole study


@dataclass(frozen=True)
class Event:
    """One thing that happened. ``body`` holds plain JSON values only."""

    kind: str  # study_started | trial_started | trial_resumed | point | trial_ended | scored | study_ended
    trial: str  # a trial's id, or SEARCH
    at: int  # milliseconds since 1970
    body: Mapping[str, Any]

    def line(self) -> bytes:
        """The event as one line of JSON, its newline included. NaN and infinities stay."""
        record = {"kind": self.kind, "trial": self.trial, "at": self.at, "body": self.body}
        return json.dumps(record, default=str, separators=(",", ":")).encode() + b"\n"

    @classmethod
    def parse(cls, line: bytes) -> "Event":
        """The event that ``line()`` wrote. Raises ValueError when the line is damaged."""
        try:
            record = json.loads(line)
            return cls(record["kind"], record["trial"], record["at"], with_new_names(record["body"]))
        except (KeyError, TypeError) as error:
            raise ValueError(f"no event: {error!r}") from error


class Novelty:
    """Which events say something new. Resumed studies tell a part of their story again."""

    def __init__(self) -> None:
        self._points: set[tuple[str, int]] = set()
        self._scores: set[tuple[str, str]] = set()
        self._latest: dict[str, str] = {}  # trial -> how its life stood last

    def knows(self, trial: str) -> bool:
        """Whether the trial has started."""
        return trial in self._latest

    def notice(self, event: Event) -> bool:
        """Remember the event; False when all of it was known before."""
        match event.kind:
            case "point":
                return _added(self._points, (event.trial, int(event.body["point"]["step"])))
            case "scored":
                return _added(self._scores, (event.trial, _digest(event)))
            case "trial_started" | "trial_resumed" | "trial_ended":
                before, now = self._latest.get(event.trial), _digest(event)
                self._latest[event.trial] = now
                return before != now
        return True


def _added(known: set[Any], key: Any) -> bool:
    size = len(known)
    known.add(key)
    return len(known) > size


def _digest(event: Event) -> str:
    text = json.dumps([event.kind, event.body], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
