"""Verdicts that are known already, so that no text is judged twice."""

import hashlib
from collections.abc import Mapping

from astraios_ray.records import Completion, Outcome, Value, Verdict


class KnownVerdicts:
    """Verdicts by evaluator, problem and text, for as long as this object lives. UNSCORED is never kept."""

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[Outcome, str, Mapping[str, Value]]] = {}

    def find(self, evaluator: str, completion: Completion) -> Verdict | None:
        """The verdict on an equal text, as the verdict on this sample."""
        known = self._known.get(_key(evaluator, completion))
        return None if known is None else Verdict(completion.problem, completion.sample, *known)

    def keep(self, evaluator: str, completion: Completion, verdict: Verdict) -> None:
        """Remember a verdict on a text."""
        if verdict.outcome is not Outcome.UNSCORED:
            self._known[_key(evaluator, completion)] = verdict.outcome, verdict.detail, verdict.facts


def _key(evaluator: str, completion: Completion) -> bytes:
    parts = (evaluator, completion.problem, completion.text, completion.whole)
    return hashlib.sha256(repr(parts).encode()).digest()
