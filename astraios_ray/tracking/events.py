"""Events: the calls of a tracker as values that can be written to a file."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from astraios_ray.records.old_names import with_new_names

SEARCH = ""  # stands for a trial in events about the whole study


@dataclass(frozen=True)
class Event:
    """One event of a study. ``body`` holds plain JSON values only."""

    kind: str  # study_started | trial_started | trial_resumed | point | trial_ended | scored | study_ended
    trial: str  # a trial's id, or SEARCH
    at: int  # milliseconds since 1970
    body: Mapping[str, Any]

    def line(self) -> bytes:
        """The event as one line of JSON with its newline. NaN and infinities are kept."""
        record = {"kind": self.kind, "trial": self.trial, "at": self.at, "body": self.body}
        return json.dumps(record, default=str, separators=(",", ":")).encode() + b"\n"

    @classmethod
    def parse(cls, line: bytes) -> "Event":
        """Read an event that ``line()`` wrote. Raises ValueError when the line is damaged."""
        try:
            record = json.loads(line)
            return cls(record["kind"], record["trial"], record["at"], with_new_names(record["body"]))
        except (KeyError, TypeError) as error:
            raise ValueError(f"no event: {error!r}") from error


class Novelty:
    """Detects new events. A resumed study repeats some of its earlier ones."""

    def __init__(self) -> None:
        self._points: set[tuple[str, int]] = set()
        self._scores: set[tuple[str, str]] = set()
        self._latest: dict[str, str] = {}  # trial -> digest of its latest start, resumption or end

    def knows(self, trial: str) -> bool:
        """Whether the trial has started."""
        return trial in self._latest

    def notice(self, event: Event) -> bool:
        """Remember the event. Returns False when it is a repetition."""
        match event.kind:
            case "point":
                return _added(self._points, (event.trial, int(event.body["point"]["step"])))
            case "scored":
                return _added(self._scores, (event.trial, _digest(event)))
            case "trial_started" | "trial_resumed" | "trial_ended":
                old, new = self._latest.get(event.trial), _digest(event)
                self._latest[event.trial] = new
                return old != new
        return True


def _added(keys: set[Any], key: Any) -> bool:
    size = len(keys)
    keys.add(key)
    return len(keys) > size


def _digest(event: Event) -> str:
    text = json.dumps([event.kind, event.body], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
