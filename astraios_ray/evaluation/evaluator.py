"""The interface of an evaluator: what a file of ``evaluators/`` must offer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from astraios_ray.evaluation.generations_file import Generations, in_order
from astraios_ray.evaluation.metrics import Metric, passed_at
from astraios_ray.records import Completion, Value, Verdict
from astraios_ray.sandbox.protocol import Sandbox


@dataclass(frozen=True)
class Problem:
    """One task. ``answer`` holds what its evaluator needs to judge; a model never sees it."""

    id: str
    prompt: str  # the model reads it unchanged
    answer: Mapping[str, str]
    group: str = ""  # of problems that belong together, as copies of one; empty: it stands alone


class Evaluator(Protocol):
    """The one object that an evaluator file binds to the name ``evaluator``.

    A class that derives from it has pass@k at the study's own sampling. A frozen dataclass has its fields
    as options.
    """

    @property
    def name(self) -> str:
        """The file's stem."""
        ...

    @property
    def stop(self) -> tuple[str, ...]:
        """Strings that end a completion and do not belong to it."""
        ...

    @property
    def ranking(self) -> str:
        """The metric that ranks models; higher is better."""
        return "pass_at_1"

    @property
    def greedy(self) -> bool:
        """Whether models write one completion at temperature 0, whatever the study's sampling."""
        return False

    @property
    def choices(self) -> tuple[str, str] | None:
        """Two texts of which the likelier one is the answer; None when the model writes."""
        return None

    @property
    def executes(self) -> bool:
        """Whether judging runs programs, which needs a sandbox."""
        return True

    def problems(self) -> Sequence[Problem]:
        """All problems, always in the same order, with unique ids."""
        ...

    def describe(self) -> Mapping[str, Value]:
        """How a score was made: where the rows come from, how texts were cut. The score carries it."""
        return {}

    def modules(self, problem: Problem) -> Sequence[str]:
        """The modules that judging imports beside Python's own library; a jail can lack them."""
        return ()

    def then(self, problem: Problem, completion: Completion) -> Problem | None:
        """The second question, asked after ``completion``; None when the completion is the answer.

        The answer to the returned prompt is judged instead, as one sample of ``problem``.
        """
        return None

    def reference(self, problem: Problem) -> Completion | None:
        """An answer that must pass, which tells a broken row from a bad model; None where there is none."""
        return None

    def carries_rows(self, generations: Generations) -> bool:
        """Whether these generations carry the rows that they answer; then no other data is needed."""
        return False

    def saved(self, generations: Generations) -> Sequence[Completion]:
        """The completions that a file of existing generations holds for the problems.

        The default takes [problem][sample] in the order of ``problems()``, where each text continues the
        prompt, or rows with ids. Raises DataError with all rows that cannot be used.
        """
        return in_order(generations, [problem.id for problem in self.problems()])

    def judge(
        self, problem: Problem, completions: Sequence[Completion], sandbox: Sandbox
    ) -> Sequence[Verdict]:
        """One verdict for each completion of this problem, in order."""
        ...

    def metrics(self, verdicts: Sequence[Verdict]) -> Mapping[str, Metric]:
        """The metrics, ``ranking`` among them. There is at least one verdict, and none is UNSCORED."""
        return passed_at(verdicts)
