"""A running study in words, as every display for people says it."""

import re

from astraios_ray.search.progress import Progress

# ECMA-48: CSI, OSC, others
ESCAPES = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|[@-Z\\-_])")
CONTROL = {code: None for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


def clean(text: str) -> str:
    """``text`` without what could steer the terminal: a model or a stranger's worker may have written it."""
    return ESCAPES.sub("", text).translate(CONTROL)


def clock(seconds: float) -> str:
    """``2:05`` or ``1:02:05``."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def ended(progress: Progress) -> int:
    """Trials that will not change any more."""
    return sum(progress.ended.values())


def counts(progress: Progress) -> str:
    """``9 complete, 4 stopped, 2 running, 3 paused``: only what there is."""
    numbers = {**progress.ended, "running": progress.running, "paused": progress.paused}
    return ", ".join(f"{number} {state}" for state, number in numbers.items() if number)


def time_left(progress: Progress) -> str:
    """``about 3:05 left``, or ``time left not known yet``."""
    eta = progress.eta_seconds
    if eta is None or not 0 <= eta < float("inf"):
        return "time left not known yet"
    return f"about {clock(eta)} left"


def line(progress: Progress) -> str:
    """The whole progress on one line."""
    parts = [progress.phase]
    if progress.planned or progress.ended:
        parts.append(f"{ended(progress)}/{progress.planned} trials")
    parts += [counts(progress), progress.rung]
    parts.append(f"best {progress.best}" if progress.best else "")
    parts.append(f"scored {progress.scored}/{progress.to_score}" if progress.to_score else "")
    parts.append(f"{progress.lanes} lane{'' if progress.lanes == 1 else 's'}" if progress.lanes else "")
    parts += [
        progress.stopped_lanes,
        f"{clock(progress.seconds)} elapsed",
        time_left(progress) if progress.eta_seconds is not None else "",
    ]
    return clean(" | ".join(part for part in parts if part)).replace("\n", " ")
