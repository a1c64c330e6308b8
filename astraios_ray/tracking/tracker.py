"""What every tracker promises."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from astraios_ray.records import Provenance, Score, TrialResult, TrialSpec, ValidationPoint


class Tracker(Protocol):
    """Told what happens in a study, so that people can look at it. Decides nothing.

    No call waits for another machine, and none raises because a tracking server is away. Calls come
    from one process. Told the same thing twice (a study that was resumed does so), a tracker keeps it once.
    """

    def study_started(self, name: str, config: Mapping[str, Any], provenance: Provenance) -> None:
        """Before anything else in each session; ``config`` is the resolved study file, as plain values."""

    def trial_started(self, spec: TrialSpec, trainable_parameters: int) -> None:
        """A trial begins, or goes on after it was paused or the study resumed: its record goes on too."""

    def point(self, spec: TrialSpec, point: ValidationPoint) -> None:
        """A validation measurement. A second one for the same trial and step is not kept."""

    def trial_ended(self, result: TrialResult) -> None:
        """A trial is over. Points of ``result`` that were not told before are kept now."""

    def scored(self, result: TrialResult, score: Score) -> None:
        """An evaluator has judged a trial's model. Finalists only: their adapter is kept, too."""

    def study_ended(self, note: str, artifacts: Sequence[Path], complete: bool) -> None:
        """This session is over. ``note`` is the verdict in Markdown, ``artifacts`` the report's files."""

    def close(self) -> None:
        """Nothing more will be told. Waits a bounded time for what is still under way."""
