"""What a file of ``evaluators/`` must offer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from astraios_ray.records import Completion, Verdict
from astraios_ray.sandbox.base import Sandbox


@dataclass(frozen=True)
class Problem:
    """One task. ``answer`` is what its evaluator needs to judge, and nothing a model may see."""

    id: str
    prompt: str  # given to the model as it is
    answer: Mapping[str, str]


class Evaluator(Protocol):
    """The one object that an evaluator file binds to the name ``evaluator``."""

    @property
    def name(self) -> str:
        """The file's stem."""
        ...

    @property
    def stop(self) -> tuple[str, ...]:
        """Strings that end a completion; they are no part of it."""
        ...

    def problems(self) -> Sequence[Problem]:
        """All problems, always in the same order, with ids that differ."""
        ...

    def judge(
        self, problem: Problem, completions: Sequence[Completion], sandbox: Sandbox
    ) -> Sequence[Verdict]:
        """One verdict for each completion of this problem, in their order."""
        ...
