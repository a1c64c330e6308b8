"""What a display shows of a running study."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Progress:
    """One look at a running study."""

    phase: str  # setup | search | evaluate | report
    planned: int = 0  # trials
    running: int = 0
    paused: int = 0
    ended: Mapping[str, int] = field(default_factory=dict)  # TrialState value -> trials
    rung: str = ""  # what the early-stopping rule waits for, in words
    best: str = ""  # label and validation loss of the best trial so far
    lanes: int = 0  # alive
    stopped_lanes: str = ""  # which have work and make no step, and for how long
    scored: int = 0  # models evaluated
    to_score: int = 0
    seconds: float = 0.0  # wall time of this session
    eta_seconds: float | None = None
    share: float | None = None  # of a long step of the setup, from 0 to 1
