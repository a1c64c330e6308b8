"""Moments of a search at which a test strikes: each is a question that begins to be asked with the search."""

import json
import time
from collections.abc import Callable
from pathlib import Path

Moment = Callable[[Path], Callable[[], bool]]  # of a run folder, as the search begins


def after(seconds: float) -> Moment:
    def begin(run: Path) -> Callable[[], bool]:
        until = time.monotonic() + seconds
        return lambda: time.monotonic() >= until

    return begin


def written(pattern: str) -> Moment:
    """A file or folder of the run folder is new, or has changed since the search began."""

    def begin(run: Path) -> Callable[[], bool]:
        before = _times(run, pattern)
        return lambda: not _times(run, pattern).items() <= before.items()

    return begin


def recorded(kind: str, count: int = 1) -> Moment:
    """The journal has ``count`` more records of this kind than when the search began."""

    def begin(run: Path) -> Callable[[], bool]:
        goal = _records(run, kind) + count
        return lambda: _records(run, kind) >= goal

    return begin


def phase(name: str) -> Moment:
    """The search says of itself that it is in this phase."""

    def begin(run: Path) -> Callable[[], bool]:
        status, anew = run / "status.json", written("status.json")(run)
        return lambda: anew() and json.loads(status.read_text())["phase"] == name

    return begin


def _times(run: Path, pattern: str) -> dict[Path, int]:
    times = {}
    for path in run.glob(pattern):
        try:
            times[path] = path.stat().st_mtime_ns
        except FileNotFoundError:  # a draft that was just renamed
            continue
    return times


def _records(run: Path, kind: str) -> int:
    journal = run / "journal.jsonl"
    return journal.read_bytes().count(b'"kind": "%s"' % kind.encode()) if journal.exists() else 0
