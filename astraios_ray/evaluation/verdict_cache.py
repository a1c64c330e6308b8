"""A cache of verdicts, so that no text is judged twice."""

import hashlib
from collections.abc import Mapping

from astraios_ray.records import Completion, Outcome, Value, Verdict


class KnownVerdicts:
    """Verdicts by evaluator, problem and text, in memory. UNSCORED verdicts are not stored."""

    def __init__(self) -> None:
        self._verdicts: dict[bytes, tuple[Outcome, str, Mapping[str, Value]]] = {}

    def find(self, evaluator: str, completion: Completion) -> Verdict | None:
        """The verdict on an equal text, as a verdict on this sample; None when there is none."""
        match = self._verdicts.get(_key(evaluator, completion))
        return None if match is None else Verdict(completion.problem, completion.sample, *match)

    def keep(self, evaluator: str, completion: Completion, verdict: Verdict) -> None:
        """Store the verdict on a completion's text."""
        if verdict.outcome is not Outcome.UNSCORED:
            self._verdicts[_key(evaluator, completion)] = verdict.outcome, verdict.detail, verdict.facts


def _key(evaluator: str, completion: Completion) -> bytes:
    parts = (evaluator, completion.problem, completion.text, completion.whole)
    return hashlib.sha256(repr(parts).encode()).digest()
