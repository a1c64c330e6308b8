"""The primer: write the small function that an instruction asks for. Needs no download.

Problems are made by astraios_ray.embedded.primer_problems, in HumanEvalPack's row format. The prompt is that
of Astraios (bigcode-evaluation-harness, humanevalpack.py, prompt ``octocoder``). The default asks only for
families that occur in the instruction rows; the other families are for questions out of distribution. The
problems of one family, which ask for one function in other words and with other constants, are a group.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from astraios_ray.embedded.primer_problems import PrimerProblem, primer_problems
from astraios_ray.evaluation.evaluator import Evaluator, Problem
from astraios_ray.evaluation.functional import judge_functions
from astraios_ray.evaluation.postprocess import PYTHON_STOP
from astraios_ray.records import Completion, Verdict
from astraios_ray.sandbox.protocol import Sandbox


@dataclass(frozen=True)
class Primer(Evaluator):
    """Problems of the families that the instruction rows hold, or of those that are ``held_out``."""

    name: str = "primer"
    held_out: bool = False
    stop: tuple[str, ...] = PYTHON_STOP

    def problems(self) -> Sequence[Problem]:
        return [_problem(problem) for problem in primer_problems() if problem.held_out == self.held_out]

    def reference(self, problem: Problem) -> Completion:
        return Completion(problem.id, 0, "\n" + problem.answer["canonical_solution"])

    def judge(
        self, problem: Problem, completions: Sequence[Completion], sandbox: Sandbox
    ) -> Sequence[Verdict]:
        return judge_functions(problem, completions, sandbox)


def _problem(problem: PrimerProblem) -> Problem:
    prompt = f"Question: {problem.instruction}\n\nAnswer:\n{problem.declaration}".strip()
    answer = {
        "declaration": problem.declaration.rstrip("\n"),  # as the prompt ends
        "canonical_solution": problem.canonical_solution,
        "test": problem.test,
        "entry_point": problem.entry_point,
        "docstring": problem.docstring,
        "family": problem.family,
    }
    return Problem(problem.task_id, prompt, answer, group=problem.family)


evaluator = Primer()
