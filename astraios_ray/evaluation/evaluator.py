"""What a file of ``evaluators/`` must offer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from astraios_ray.evaluation.generations_file import Generations, in_order
from astraios_ray.evaluation.metrics import Metric, passed_at
from astraios_ray.records import Completion, Value, Verdict
from astraios_ray.sandbox.protocol import Sandbox


@dataclass(frozen=True)
class Problem:
    """One task. ``answer`` is what its evaluator needs to judge, and nothing a model may see."""

    id: str
    prompt: str  # given to the model as it is
    answer: Mapping[str, str]


class Evaluator(Protocol):
    """The one object that an evaluator file binds to the name ``evaluator``.

    Derive from it to have pass@k at the study's own sampling; a frozen dataclass with options as fields
    can be asked for other options.
    """

    @property
    def name(self) -> str:
        """The file's stem."""
        ...

    @property
    def stop(self) -> tuple[str, ...]:
        """Strings that end a completion; they are no part of it."""
        ...

    @property
    def ranking(self) -> str:
        """The metric that says which of two models is better; higher is better."""
        return "pass_at_1"

    @property
    def greedy(self) -> bool:
        """Whether one completion at temperature 0 is asked for, whatever the study's sampling."""
        return False

    @property
    def choices(self) -> tuple[str, str] | None:
        """Two texts of which the likelier one is the answer; None: the model writes."""
        return None

    @property
    def executes(self) -> bool:
        """Whether judging runs programs, and so needs a sandbox."""
        return True

    def problems(self) -> Sequence[Problem]:
        """All problems, always in the same order, with ids that differ."""
        ...

    def describe(self) -> Mapping[str, Value]:
        """What a score must say of how it was made: where the rows come from, how texts were cut."""
        return {}

    def then(self, problem: Problem, completion: Completion) -> Problem | None:
        """What a model is asked after it wrote ``completion``; None when that is its answer.

        A second stage: the answer to the returned prompt is judged instead, as one sample of ``problem``.
        """
        return None

    def reference(self, problem: Problem) -> Completion | None:
        """An answer that must pass, to tell a broken row from a bad model; None where there is none."""
        return None

    def carries_rows(self, generations: Generations) -> bool:
        """Whether these generations carry the rows that they answer, so that no other data is needed."""
        return False

    def saved(self, generations: Generations) -> Sequence[Completion]:
        """The completions in a file of generations that exist already, for the problems that are asked.

        The default takes [problem][sample] in the order of ``problems()``, texts that continue the
        prompt, or rows with ids. Raises DataError with all rows that cannot be used.
        """
        return in_order(generations, [problem.id for problem in self.problems()])

    def judge(
        self, problem: Problem, completions: Sequence[Completion], sandbox: Sandbox
    ) -> Sequence[Verdict]:
        """One verdict for each completion of this problem, in their order."""
        ...

    def metrics(self, verdicts: Sequence[Verdict]) -> Mapping[str, Metric]:
        """What the verdicts come to, ``ranking`` among it. No verdict is UNSCORED; there is at least one."""
        return passed_at(verdicts)
