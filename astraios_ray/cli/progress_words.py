"""A running study in words, as every display for people says it."""

import re

from astraios_ray.search.progress import Progress

ESCAPES = re.compile(
    r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|[@-Z\\-_])"
)  # ECMA-48: CSI, OSC, others
CONTROL = {code: None for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


def clean(text: str) -> str:
    """``text`` without what could steer the terminal: a model or a stranger's worker may have written it."""
    return ESCAPES.sub("", text).translate(CONTROL)


def clock(seconds: float) -> str:
    """``2:05`` or ``1:02:05``."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def ended(snapshot: Progress) -> int:
    """Trials that will not change any more."""
    return sum(snapshot.ended.values())


def counts(snapshot: Progress) -> str:
    """``9 complete, 4 stopped, 2 running, 3 paused``: only what there is."""
    numbers = {**snapshot.ended, "running": snapshot.running, "paused": snapshot.paused}
    return ", ".join(f"{number} {state}" for state, number in numbers.items() if number)


def time_left(snapshot: Progress) -> str:
    """``about 3:05 left``, or that nobody knows."""
    eta = snapshot.eta_seconds
    if eta is None or not 0 <= eta < float("inf"):
        return "time left not known yet"
    return f"about {clock(eta)} left"


def line(snapshot: Progress) -> str:
    """All of it on one line."""
    parts = [snapshot.phase]
    if snapshot.planned or snapshot.ended:
        parts.append(f"{ended(snapshot)}/{snapshot.planned} trials")
    parts += [counts(snapshot), snapshot.rung]
    parts.append(f"best {snapshot.best}" if snapshot.best else "")
    parts.append(f"scored {snapshot.scored}/{snapshot.to_score}" if snapshot.to_score else "")
    parts.append(f"{snapshot.lanes} lane{'' if snapshot.lanes == 1 else 's'}" if snapshot.lanes else "")
    parts += [
        f"{clock(snapshot.seconds)} elapsed",
        time_left(snapshot) if snapshot.eta_seconds is not None else "",
    ]
    return clean(" | ".join(part for part in parts if part)).replace("\n", " ")
