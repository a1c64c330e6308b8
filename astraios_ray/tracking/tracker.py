"""What every tracker promises."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from astraios_ray.records import Provenance, Score, TrialResult, TrialSpec, ValidationPoint


class Tracker(Protocol):
    """Records a study for people to look at. Decides nothing.

    No call waits for another machine, and none raises because a tracking server is unavailable. All calls
    come from one process. A resumed study repeats calls; a tracker records each event once.
    """

    def study_started(self, name: str, config: Mapping[str, Any], provenance: Provenance) -> None:
        """The first call of each session; ``config`` is the resolved study file, as plain values."""

    def trial_started(self, spec: TrialSpec, trainable_parameters: int) -> None:
        """A trial begins, or continues after a pause or in a resumed study; its record continues too."""

    def point(self, spec: TrialSpec, point: ValidationPoint) -> None:
        """A validation point. A second one for the same trial and step is not recorded."""

    def trial_ended(self, result: TrialResult) -> None:
        """A trial has ended. Points of ``result`` that are new are recorded too."""

    def repeat(self, result: TrialResult) -> None:
        """What earlier sessions had of a trial. What they told the tracker is not recorded twice."""

    def scored(self, result: TrialResult, score: Score) -> None:
        """An evaluator has scored the model of a finalist. Its adapter is recorded too."""

    def study_ended(self, note: str, artifacts: Sequence[Path], complete: bool) -> None:
        """This session has ended. ``note`` is the verdict in Markdown, ``artifacts`` the report's files."""

    def close(self) -> None:
        """No call follows. Waits a limited time for unsent events."""
